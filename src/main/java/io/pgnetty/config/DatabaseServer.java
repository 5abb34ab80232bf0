package io.pgnetty.config;

/**
 * One of the servers that a URL names.
 *
 * @param host a name, an address, or a folder with a Unix socket (begins with a slash)
 * @param port 1 to 65535
 */
public record DatabaseServer(String host, int port) {

    /** Whether {@code host} is a folder with a Unix socket. */
    public boolean isUnixSocket() {
        return host.startsWith("/");
    }

    /** For messages. */
    @Override
    public String toString() {
        return isUnixSocket() ? host + "/.s.PGSQL." + port : new HostPort(host, port).toString();
    }
}
