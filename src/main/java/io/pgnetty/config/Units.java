package io.pgnetty.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes as operators write them. */
public final class Units {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})\\s*(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})\\s*(|B|KiB|MiB|GiB)");

    private Units() {}

    /**
     * Parses {@code 500ms}, {@code 30s}, {@code 5m}, {@code 6h}, {@code 14d}.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    public static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "needs a number with its unit (ms, s, m, h or d), such as 30s, not \"" + text + "\"");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    /**
     * Parses {@code 1048576}, {@code 512KiB}, {@code 10MiB}, in bytes.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    static long size(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "needs a number of bytes, or one with KiB, MiB or GiB, such as 10MiB, not \"" + text + "\"");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "KiB" -> number << 10;
            case "MiB" -> number << 20;
            case "GiB" -> number << 30;
            default -> number;
        };
    }
}
