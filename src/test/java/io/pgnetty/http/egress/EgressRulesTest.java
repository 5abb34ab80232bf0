package io.pgnetty.http.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Config;
import io.pgnetty.config.EgressEntry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("quick")
class EgressRulesTest {

    private static final EgressRules DEFAULT = rules("", "");

    @Example
    void specialRangesAreRefused() throws UnknownHostException {
        for (String address : new String[] {
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:a00:1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "4000::1"
        }) {
            assertThat(DEFAULT.refusal(address, address, InetAddress.getByName(address), 443))
                    .as(address)
                    .isPresent();
        }
    }

    @Example
    void publicAddressesAreAllowed() throws UnknownHostException {
        for (String address : new String[] {
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::808:808",
            "2001:4860:4860::8888"
        }) {
            assertThat(DEFAULT.refusal(address, address, InetAddress.getByName(address), 443))
                    .as(address)
                    .isEmpty();
        }
    }

    @Property
    void embeddingAnAddressNeverMakesItPublic(@ForAll byte a, @ForAll byte b, @ForAll byte c, @ForAll byte d)
            throws UnknownHostException {
        byte[] v4 = {a, b, c, d};
        boolean refused =
                DEFAULT.refusal("x", "x", InetAddress.getByAddress(v4), 443).isPresent();
        byte[] nat64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d};
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, a, b, c, d};
        byte[] sixToFour = Arrays.copyOf(new byte[] {0x20, 0x02, a, b, c, d}, 16);

        assertThat(DEFAULT.refusal("x", "x", InetAddress.getByAddress(nat64), 443)
                        .isPresent())
                .isEqualTo(refused);
        assertThat(DEFAULT.refusal("x", "x", InetAddress.getByAddress(mapped), 443)
                        .isPresent())
                .isEqualTo(refused);
        assertThat(DEFAULT.refusal("x", "x", InetAddress.getByAddress(sixToFour), 443))
                .isPresent();
    }

    @Property
    void portsBelow1024AreRefusedButForTwo(@ForAll @IntRange(min = 1, max = 65535) int port)
            throws UnknownHostException {
        assertThat(DEFAULT.refusal("a", "a", InetAddress.getByName("1.1.1.1"), port)
                        .isEmpty())
                .isEqualTo(port == 80 || port == 443 || port > 1023);
    }

    @Example
    void entriesAllowWhatTheyName() throws UnknownHostException {
        InetAddress ten = InetAddress.getByName("10.1.2.3");
        assertThat(rules("10.0.0.0/8", "").refusal("h", "h", ten, 8080)).isEmpty();
        assertThat(rules("10.0.0.0/8", "").refusal("h", "h", ten, 25)).isPresent();
        assertThat(rules("10.1.2.3:25", "").refusal("h", "h", ten, 25)).isEmpty();
        assertThat(rules("10.1.2.3:25", "").refusal("h", "h", ten, 8080)).isPresent();
        assertThat(rules("db.internal", "").refusal("DB.internal.", "DB.internal.", ten, 8080))
                .isEmpty();
        assertThat(rules("*.internal", "").refusal("a.b.internal", "a.b.internal", ten, 8080))
                .isEmpty();
        assertThat(rules("*.internal", "").refusal("internal", "internal", ten, 8080))
                .isPresent();
        assertThat(rules("*.internal", "").refusal("evilinternal", "evilinternal", ten, 8080))
                .isPresent();
        assertThat(rules("[fd00::/8]:8443", "").refusal("h", "h", InetAddress.getByName("fd00::1"), 8443))
                .isEmpty();
    }

    @Example
    void denyIsOnTop() throws UnknownHostException {
        InetAddress one = InetAddress.getByName("1.1.1.1");
        assertThat(rules("", "1.1.1.0/24").refusal("h", "h", one, 443))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("\"h\"", "--egress-deny 1.1.1.0/24")
                        .doesNotContain("1.1.1.1"));
        assertThat(rules("1.1.1.1", "1.1.1.1").refusal("h", "h", one, 443)).isPresent();
        assertThat(rules("", "*.example.com").refusal("api.example.com", "api.example.com", one, 443))
                .isPresent();
        assertThat(rules("", "1.1.1.1").refusal("h", "h", InetAddress.getByName("64:ff9b::101:101"), 443))
                .isPresent();
    }

    private static EgressRules rules(String allow, String deny) {
        return new EgressRules(new Config.Egress(entries(allow), entries(deny)), OwnPlaces.NONE);
    }

    private static List<EgressEntry> entries(String list) {
        return list.isEmpty()
                ? List.of()
                : Arrays.stream(list.split(",")).map(EgressEntry::parse).toList();
    }
}
