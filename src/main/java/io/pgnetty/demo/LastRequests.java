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

    /** Waits until everything that is to be sent by now has been, and says what is left. */
    static void await(Connection connection, PrintWriter err) throws SQLException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try (Statement statement = connection.createStatement()) {
            long[] left = unsent(statement);
            while (left[0] > 0 && System.nanoTime() < end) {
                Thread.sleep(PAUSE.toMillis());
                left = unsent(statement);
            }
            if (left[0] + left[1] > 0) {
                err.println("Not sent, as the demo ends: " + left[0] + " due, " + left[1]
                        + " scheduled, retried or blocked. With --data DIR the next demo there sends them.");
                err.flush();
            }
        }
    }

    private static long[] unsent(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery(Resources.sql("unsent"))) {
            rows.next();
            return new long[] {rows.getLong(1), rows.getLong(2)};
        }
    }
}
