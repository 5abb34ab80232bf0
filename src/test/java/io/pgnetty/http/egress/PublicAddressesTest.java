package io.pgnetty.http.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Cidr;
import io.pgnetty.config.Config;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/**
 * The rules beside an implementation that has nothing in common with theirs: numbers between a first and a last, as IANA's registries of
 * special-purpose addresses have them (2025-10-09), and bits as text.
 */
@Tag("quick")
class PublicAddressesTest {

    private static final EgressRules RULES = new EgressRules(new Config.Egress(List.of(), List.of()), OwnPlaces.NONE);

    private static final List<Range> SPECIAL_4 = Stream.of(
                    "0.0.0.0 0.255.255.255",
                    "10.0.0.0 10.255.255.255",
                    "100.64.0.0 100.127.255.255",
                    "127.0.0.0 127.255.255.255",
                    "169.254.0.0 169.254.255.255",
                    "172.16.0.0 172.31.255.255",
                    "192.0.0.0 192.0.0.255",
                    "192.0.2.0 192.0.2.255",
                    "192.88.99.0 192.88.99.255",
                    "192.168.0.0 192.168.255.255",
                    "198.18.0.0 198.19.255.255",
                    "198.51.100.0 198.51.100.255",
                    "203.0.113.0 203.0.113.255",
                    "224.0.0.0 255.255.255.255")
            .map(Range::parse)
            .toList();

    private static final Range GLOBAL_6 = Range.parse("2000:: 3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    private static final Range NAT64 = Range.parse("64:ff9b:: 64:ff9b::ffff:ffff");
    private static final List<Range> SPECIAL_6 = Stream.of(
                    "2001:: 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
                    "2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                    "2002:: 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                    "3fff:: 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff")
            .map(Range::parse)
            .toList();

    private record Range(BigInteger first, BigInteger last) {

        static Range parse(String text) {
            String[] ends = text.split(" ", -1);
            return new Range(number(ends[0]), number(ends[1]));
        }

        boolean has(BigInteger number) {
            return first.compareTo(number) <= 0 && number.compareTo(last) <= 0;
        }
    }

    private static BigInteger number(String literal) {
        try {
            return new BigInteger(1, InetAddress.getByName(literal).getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isPublic4(BigInteger number) {
        return SPECIAL_4.stream().noneMatch(range -> range.has(number));
    }

    private static boolean isPublic6(BigInteger number) {
        if (NAT64.has(number)) {
            return isPublic4(number.and(BigInteger.valueOf(0xffff_ffffL)));
        }
        return GLOBAL_6.has(number) && SPECIAL_6.stream().noneMatch(range -> range.has(number));
    }

    /** Anywhere, and around each end of a range. */
    private static Arbitrary<BigInteger> around(List<Range> ranges, int bits) {
        BigInteger most = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
        Arbitrary<BigInteger> ends = Arbitraries.of(ranges.stream()
                        .flatMap(range -> Stream.of(range.first, range.last))
                        .toList())
                .flatMap(end -> Arbitraries.integers().between(-3, 3).map(step -> end.add(BigInteger.valueOf(step))));
        Arbitrary<BigInteger> within = Arbitraries.of(ranges)
                .flatMap(range -> Arbitraries.bigIntegers().between(range.first, range.last));
        return Arbitraries.oneOf(ends, within, Arbitraries.bigIntegers().between(BigInteger.ZERO, most))
                .map(number -> number.max(BigInteger.ZERO).min(most));
    }

    @Provide
    Arbitrary<BigInteger> fours() {
        return around(SPECIAL_4, 32);
    }

    @Provide
    Arbitrary<BigInteger> sixes() {
        return around(
                Stream.concat(SPECIAL_6.stream(), Stream.of(GLOBAL_6, NAT64)).toList(), 128);
    }

    private static InetAddress address(BigInteger number, int length) {
        byte[] given = number.toByteArray();
        byte[] bytes = new byte[length];
        for (int i = 0; i < Math.min(length, given.length); i++) {
            bytes[length - 1 - i] = given[given.length - 1 - i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isAllowed(EgressRules rules, InetAddress address) {
        return rules.refusal("h", "h", address, 443).isEmpty();
    }

    @Property(tries = 20_000)
    void theSameAddressesOfVersion4ArePublic(@ForAll("fours") BigInteger number) {
        assertThat(isAllowed(RULES, address(number, 4))).isEqualTo(isPublic4(number));
    }

    @Property(tries = 20_000)
    void theSameAddressesOfVersion6ArePublic(@ForAll("sixes") BigInteger number) {
        // The JDK takes a mapped address for one of version 4.
        InetAddress address = address(number, 16);
        assertThat(isAllowed(RULES, address))
                .isEqualTo(
                        address.getAddress().length == 4
                                ? isPublic4(number.and(BigInteger.valueOf(0xffff_ffffL)))
                                : isPublic6(number));
    }

    /** The figure of RFC 6052, section 2.2, as text: prefix, address, eight zeros from bit 64 on, the rest of the address, anything. */
    @Property(tries = 20_000)
    void anOperatorsPrefixLeadsToTheAddressInIt(
            @ForAll("fours") BigInteger four, @ForAll BigInteger prefixBits, @ForAll BigInteger suffixBits) {
        for (int length : new int[] {32, 40, 48, 56, 64, 96}) {
            String prefix = bits(prefixBits, length);
            if (length == 96) {
                prefix = prefix.substring(0, 64) + "00000000" + prefix.substring(72);
            }
            String embedded = bits(four, 32);
            String whole = length == 96
                    ? prefix + embedded
                    : prefix + embedded.substring(0, Math.max(0, 64 - length)) + "00000000"
                            + embedded.substring(Math.max(0, 64 - length));
            String address = whole + bits(suffixBits, 128 - whole.length());
            InetAddress six = address(new BigInteger(address, 2), 16);
            if (six.getAddress().length == 4) {
                continue;
            }
            EgressRules rules = new EgressRules(
                    new Config.Egress(List.of(), List.of(), List.of(new Cidr(six, length))), OwnPlaces.NONE);
            assertThat(isAllowed(rules, six)).as("%s /%d", six, length).isEqualTo(isPublic4(four));
        }
    }

    private static String bits(BigInteger number, int length) {
        String text = number.abs().toString(2);
        return length == 0 ? "" : ("0".repeat(length) + text).substring(text.length());
    }
}
