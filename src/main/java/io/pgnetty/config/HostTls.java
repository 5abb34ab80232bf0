package io.pgnetty.config;

import org.jspecify.annotations.Nullable;

/**
 * TLS with the targets of one pattern, as its files say now.
 *
 * @param pattern a host, or {@code *.example.com} for all below it
 * @param cert our certificate for them, PEM, or null
 * @param key its key, PEM in PKCS #8, or null
 * @param ca the certificates that alone are believed of them, PEM, or null
 * @param serverName what they are asked for and must have a certificate for, or null for the URL's host
 * @param min the lowest version
 */
public record HostTls(
        String pattern,
        @Nullable String cert,
        @Nullable String key,
        @Nullable String ca,
        @Nullable String serverName,
        TlsVersion min) {

    /** Whether a host, lower case, is one of these. */
    public boolean isFor(String host) {
        return pattern.startsWith("*.") ? host.endsWith(pattern.substring(1)) : host.equals(pattern);
    }

    /** Without what is secret. */
    @Override
    public String toString() {
        return pattern;
    }
}
