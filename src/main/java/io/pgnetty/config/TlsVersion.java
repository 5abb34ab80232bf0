package io.pgnetty.config;

import java.util.Arrays;
import java.util.List;

/** Versions of TLS that are still spoken. */
public enum TlsVersion {
    V1_2("1.2"),
    V1_3("1.3");

    private final String text;

    TlsVersion(String text) {
        this.text = text;
    }

    /**
     * Parses {@code 1.2} or {@code 1.3}.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    public static TlsVersion parse(String text) {
        return Arrays.stream(values())
                .filter(version -> version.text.equals(text.strip()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("must be 1.2 or 1.3, not \"" + text.strip() + "\""));
    }

    /** As an option has it. */
    public String text() {
        return text;
    }

    /** This one and those above it, the newest first, as the JDK calls them. */
    public List<String> protocols() {
        return this == V1_3 ? List.of("TLSv1.3") : List.of("TLSv1.3", "TLSv1.2");
    }
}
