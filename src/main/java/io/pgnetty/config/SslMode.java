package io.pgnetty.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** libpq's {@code sslmode}: whether the connection to PostgreSQL is encrypted and whose certificate is believed. */
public enum SslMode {
    DISABLE,
    ALLOW,
    PREFER,
    REQUIRE,
    VERIFY_CA,
    VERIFY_FULL;

    /** The name as libpq has it, such as {@code verify-full}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static SslMode parse(String text) {
        return Arrays.stream(values())
                .filter(mode -> mode.text().equals(text))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("does not have a valid sslmode: \"" + text + "\" is none of "
                                + Arrays.stream(values()).map(SslMode::text).collect(Collectors.joining(", "))));
    }
}
