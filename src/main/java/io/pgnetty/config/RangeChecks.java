package io.pgnetty.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Ranges of options. Collects what is out of range, one line an option, so that all of it can be said at once. */
final class RangeChecks {

    private final List<String> problems = new ArrayList<>();

    RangeChecks between(Setting setting, long value, long min, long max) {
        if (value < min || value > max) {
            problems.add(setting.option() + ": must be from " + min + " to " + max + ", not " + value);
        }
        return this;
    }

    RangeChecks between(Setting setting, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            problems.add(
                    setting.option() + ": must be from " + text(min) + " to " + text(max) + ", not " + text(value));
        }
        return this;
    }

    /** @throws IllegalArgumentException with a line for each value out of its range */
    void done() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    private static String text(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
