package io.pgnetty.http.egress;

import io.pgnetty.config.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which addresses are public: what the IANA special-purpose registries (RFC 6890 and its updates) do not set aside. IPv6
 * forms that embed an IPv4 address are judged by that address where a network really carries them there (mapped, and the
 * NAT64 prefixes, the well-known one and the operator's), and refused otherwise.
 */
final class PublicAddresses {

    private static final Map<Cidr, String> SPECIAL = new LinkedHashMap<>();

    static {
        special("this network", "0.0.0.0/8");
        special("private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10");
        special("carrier-grade NAT", "100.64.0.0/10");
        special("loopback", "127.0.0.0/8", "::1/128");
        special("link-local", "169.254.0.0/16", "fe80::/10");
        special("documentation", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20");
        special("multicast", "224.0.0.0/4", "ff00::/8");
        special("unspecified", "::/128");
        special("reserved", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4", "2001::/23");
        special("an IPv4 address in an IPv6 one", "2002::/16", "64:ff9b:1::/48", "::/96");
    }

    /** The well-known prefix (RFC 6052, section 2.1). */
    private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");

    /** The bits that no prefix of RFC 6052 uses, as a byte: zero. */
    private static final int SPARE = 8;

    private static final Cidr GLOBAL_UNICAST = Cidr.parse("2000::/3");
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};

    private PublicAddresses() {}

    private static void special(String what, String... blocks) {
        for (String block : blocks) {
            SPECIAL.put(Cidr.parse(block), what);
        }
    }

    /**
     * What kind of special address it is, such as {@code loopback}; empty for a public one.
     *
     * @param effective as {@link #embedded} gives it
     */
    static Optional<String> special(InetAddress effective) {
        for (Map.Entry<Cidr, String> entry : SPECIAL.entrySet()) {
            if (entry.getKey().contains(effective)) {
                return Optional.of(entry.getValue());
            }
        }
        boolean v4 = effective.getAddress().length == 4;
        return v4 || GLOBAL_UNICAST.contains(effective) ? Optional.empty() : Optional.of("reserved");
    }

    /**
     * The IPv4 address to which a mapped or NAT64 one leads; any other as it is.
     *
     * @param nat64 prefixes of this network, beside the well-known one
     */
    static InetAddress embedded(InetAddress address, List<Cidr> nat64) {
        byte[] bytes = address.getAddress();
        if (bytes.length != 16) {
            return address;
        }
        if (Arrays.equals(bytes, 0, 12, MAPPED, 0, 12)) {
            return fourth(bytes, 96);
        }
        return Stream.concat(nat64.stream(), Stream.of(NAT64))
                .filter(prefix -> prefix.contains(address))
                .findFirst()
                .map(prefix -> fourth(bytes, prefix.prefix()))
                .orElse(address);
    }

    /** The four bytes after a prefix, less the spare one (RFC 6052, section 2.2). */
    private static InetAddress fourth(byte[] bytes, int prefix) {
        byte[] four = new byte[4];
        int at = prefix / 8;
        for (int i = 0; i < 4; i++) {
            if (at == SPARE && prefix < 96) {
                at++;
            }
            four[i] = bytes[at];
            at++;
        }
        try {
            return InetAddress.getByAddress(four);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an IPv4 address", e);
        }
    }
}
