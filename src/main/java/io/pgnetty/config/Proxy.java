package io.pgnetty.config;

import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy for requests.
 *
 * @param address of the proxy
 * @param secret whose value is {@code user:password}, or null
 * @param isTrusted whether it is asked for names, and rules which addresses may be reached
 */
public record Proxy(HostPort address, @Nullable String secret, boolean isTrusted) {

    private static final String SCHEME = "http://";

    /**
     * Parses {@code http://host:port}.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    static HostPort address(String url) {
        String rest = url.strip().replaceFirst("/$", "");
        if (rest.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "must not have user and password: give them as a secret, --egress-proxy-secret NAME");
        }
        if (!rest.startsWith(SCHEME) || rest.indexOf('/', SCHEME.length()) >= 0) {
            throw new IllegalArgumentException("must be http://host:port, not \"" + url + "\"");
        }
        HostPort address = HostPort.parse(rest.substring(SCHEME.length()));
        if (address.port() == 0) {
            throw new IllegalArgumentException("does not have a valid port: \"" + url + "\"");
        }
        return address;
    }
}
