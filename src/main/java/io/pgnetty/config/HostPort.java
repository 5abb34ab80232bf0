package io.pgnetty.config;

/**
 * An address to listen on.
 *
 * @param host a name or an IP literal without brackets
 * @param port 0 to 65535; 0 takes any free port
 */
public record HostPort(String host, int port) {

    /**
     * Parses {@code host:port} or {@code [v6]:port}.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("needs host:port, such as 127.0.0.1:9464");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("needs brackets around an IPv6 address: [" + host + "]:port");
        }
        return new HostPort(host, parsePort(text.substring(colon + 1), 0));
    }

    /** Parses a port from {@code min} to 65535. */
    static int parsePort(String text, int min) {
        if (text.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(text);
            if (port >= min && port <= 65535) {
                return port;
            }
        }
        throw new IllegalArgumentException("does not have a valid port: \"" + text + "\"");
    }

    /** Whether only this machine can reach it. */
    public boolean isLoopback() {
        return host.equalsIgnoreCase("localhost") || host.matches("127(\\.[0-9]{1,3}){3}") || host.equals("::1");
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
