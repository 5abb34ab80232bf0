package io.pgnetty.config;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * One entry of {@code --egress-allow} or {@code --egress-deny}: addresses or host names, on one port or on all.
 *
 * @param text as the operator wrote it
 * @param cidr the addresses, or null when it names hosts
 * @param host lower-case host name, with a leading {@code *.} for all names below it, or null when it names addresses
 * @param port null for every port that the rules otherwise allow
 */
public record EgressEntry(
        String text,
        @Nullable Cidr cidr,
        @Nullable String host,
        @Nullable Integer port) {

    /**
     * Parses {@code 10.0.0.0/8}, {@code 10.1.2.3:8080}, {@code [fd00::/8]:443}, {@code api.example.com},
     * {@code *.example.com:8443}.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    public static EgressEntry parse(String text) {
        if (text.startsWith("[")) {
            return parseBracketed(text);
        }
        // With several it is an address of version 6 without a port.
        int colon = text.indexOf(':') == text.lastIndexOf(':') ? text.indexOf(':') : -1;
        Integer port = colon < 0 ? null : HostPort.parsePort(text.substring(colon + 1), 1);
        String rest = colon < 0 ? text : text.substring(0, colon);
        return rest.indexOf('/') >= 0 || Cidr.looksLikeLiteral(rest)
                ? new EgressEntry(text, Cidr.parse(rest), null, port)
                : parseName(text, rest, port);
    }

    private static EgressEntry parseBracketed(String text) {
        int end = text.indexOf(']');
        if (end < 0) {
            throw new IllegalArgumentException("has a bracket that is not closed: \"" + text + "\"");
        }
        String after = text.substring(end + 1);
        if (!after.isEmpty() && !after.startsWith(":")) {
            throw new IllegalArgumentException("has something other than a port after its bracket: \"" + text + "\"");
        }
        Integer port = after.isEmpty() ? null : HostPort.parsePort(after.substring(1), 1);
        return new EgressEntry(text, Cidr.parse(text.substring(1, end)), null, port);
    }

    private static EgressEntry parseName(String text, String rest, @Nullable Integer port) {
        String prefix = rest.startsWith("*.") ? "*." : "";
        String name = HostName.canonical(rest.substring(prefix.length()))
                .filter(host -> host.matches("[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*"))
                .orElseThrow(() -> new IllegalArgumentException(
                        "is not a valid CIDR block, host name or *.domain, each with :port if wanted: \"" + text
                                + "\""));
        if (Cidr.looksLikeLiteral(name)) {
            // An address in another spelling, such as 127.1.
            return new EgressEntry(text, Cidr.parse(name), null, port);
        }
        return new EgressEntry(text, null, prefix + name, port);
    }

    /**
     * Whether the entry names this connection.
     *
     * @param hostAsGiven the URL's host, lower case, without a trailing dot
     * @param address the one really connected to
     */
    public boolean matches(String hostAsGiven, InetAddress address, int connectedPort) {
        return cidr == null
                ? namesHost(hostAsGiven, connectedPort)
                : (port == null || port == connectedPort) && cidr.contains(address);
    }

    /** Whether the entry names this host by its name, on this port. */
    public boolean namesHost(String hostAsGiven, int connectedPort) {
        if (host == null || (port != null && port != connectedPort)) {
            return false;
        }
        return host.startsWith("*.") ? hostAsGiven.endsWith(host.substring(1)) : hostAsGiven.equals(host);
    }

    @Override
    public String toString() {
        return text;
    }
}
