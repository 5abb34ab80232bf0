package io.pgnetty.postgres;

import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.Optional;

/** Reads columns, and writes parameters, of the types that statements share. */
final class Rows {

    private Rows() {}

    static Long id(Readable row) {
        return present(row, "id", Long.class);
    }

    static <T> T present(Readable row, String column, Class<T> type) {
        T value = row.get(column, type);
        if (value == null) {
            throw new IllegalStateException("column " + column + " is null");
        }
        return value;
    }

    static String interval(Duration duration) {
        return duration.toMillis() + " milliseconds";
    }

    static Duration seconds(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    /** When there is something to do again, where the statement knows. */
    static Optional<Duration> nextIn(Readable row) {
        return Optional.ofNullable(row.get("next_seconds", Double.class)).map(Rows::seconds);
    }
}
