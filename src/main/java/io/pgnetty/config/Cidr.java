package io.pgnetty.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A block of addresses, IPv4 or IPv6 (RFC 4632, RFC 4291).
 *
 * @param network its first address
 * @param prefix number of leading bits that count, 0 to 32 or 128
 */
public record Cidr(InetAddress network, int prefix) {

    /**
     * Parses {@code 10.0.0.0/8}, {@code fd00::/8}, or a single address.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        InetAddress network = literal(slash < 0 ? text : text.substring(0, slash));
        int bits = network.getAddress().length * 8;
        int prefix = bits;
        if (slash >= 0) {
            String given = text.substring(slash + 1);
            if (!given.matches("[0-9]{1,3}") || Integer.parseInt(given) > bits) {
                throw new IllegalArgumentException("does not have a valid prefix length: \"" + text + "\"");
            }
            prefix = Integer.parseInt(given);
        }
        return new Cidr(network, prefix);
    }

    /** Whether the text has the characters of an IP literal, so that it names an address and no host. */
    static boolean looksLikeLiteral(String text) {
        return text.indexOf(':') >= 0 || text.matches("[0-9.]+");
    }

    private static InetAddress literal(String text) {
        // Strict dotted quads only: InetAddress would also take "127.1", and look up anything else as a name.
        boolean v4 = text.matches("((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}");
        boolean v6 = text.indexOf(':') >= 0 && text.matches("[0-9A-Fa-f:.]+");
        if (!v4 && !v6) {
            throw new IllegalArgumentException("does not have a valid address: \"" + text + "\"");
        }
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("does not have a valid address: \"" + text + "\"", e);
        }
    }

    /** Whether the address is in the block. One of the other family never is. */
    public boolean contains(InetAddress address) {
        byte[] mine = network.getAddress();
        byte[] its = address.getAddress();
        if (mine.length != its.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit += 8) {
            int mask = prefix - bit >= 8 ? 0xff : 0xff << (8 - (prefix - bit)) & 0xff;
            if (((mine[bit / 8] ^ its[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefix;
    }
}
