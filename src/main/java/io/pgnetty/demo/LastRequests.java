package io.pgnetty.demo;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** What a script has queued when it ends: it is sent before the demo ends, too. */
final class LastRequests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private LastRequests() {}

    /** How many there are. */
    private record Left(long due, long inFlight, long later) {}

    /** Waits until everything that is to be sent by now has been answered, and says what is left. */
    static void await(Connection connection, PrintWriter err) throws SQLException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try (Statement statement = connection.createStatement()) {
            Left left = left(statement);
            while (left.due() + left.inFlight() > 0 && System.nanoTime() < end) {
                Thread.sleep(PAUSE.toMillis());
                left = left(statement);
            }
            if (!left.equals(new Left(0, 0, 0))) {
                err.println(
                        "As the demo ends, " + left.inFlight() + " requests are still being sent, " + left.due()
                                + " are due, and " + left.later()
                                + " are scheduled, retried later or blocked. With --data DIR the next demo there goes on with them.");
                err.flush();
            }
        }
    }

    private static Left left(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(Resources.sql("unsent"))) {
            rows.next();
            return new Left(rows.getLong("due"), rows.getLong("in_flight"), rows.getLong("later"));
        }
    }
}
