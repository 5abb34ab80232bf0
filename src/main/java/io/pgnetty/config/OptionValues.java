package io.pgnetty.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The values of settings; notes what is wrong with each, so that all of it can be said at once. */
final class OptionValues {

    private final SettingSources sources;
    private final List<String> problems;

    /** @param problems takes what is wrong */
    OptionValues(SettingSources sources, List<String> problems) {
        this.sources = sources;
        this.problems = problems;
    }

    /** A value, or its default with the problem noted. */
    <T> T value(Setting setting, Function<String, T> parser) {
        T given = optional(setting, parser);
        return given != null ? given : parser.apply(setting.defaultText().orElseThrow());
    }

    /** A value, or null when it is not given, or wrong and its problem noted. */
    <T> @Nullable T optional(Setting setting, Function<String, T> parser) {
        try {
            return sources.text(setting).map(parser).orElse(null);
        } catch (IllegalArgumentException e) {
            problems.add(setting.option() + ": " + e.getMessage());
            return null;
        }
    }

    /** Values with commas between them, without those that are wrong. */
    <T> List<T> list(Setting setting, Function<String, T> parser) {
        List<T> values = new ArrayList<>();
        for (String text : sources.text(setting).orElse("").split(",", -1)) {
            if (!text.isBlank()) {
                try {
                    values.add(parser.apply(text.strip()));
                } catch (IllegalArgumentException e) {
                    problems.add(setting.option() + ": " + e.getMessage());
                }
            }
        }
        return values;
    }

    /** A part of the configuration, or null when its values are out of range, each noted. */
    <T> @Nullable T section(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            problems.addAll(String.valueOf(e.getMessage()).lines().toList());
            return null;
        }
    }

    /** What is there when no problem was noted. */
    static <T> T built(@Nullable T section) {
        return Objects.requireNonNull(section);
    }
}
