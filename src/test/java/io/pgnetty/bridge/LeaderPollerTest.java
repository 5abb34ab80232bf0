package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.observe.Event;
import io.pgnetty.postgres.Database;
import io.pgnetty.postgres.Notifications;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.RepeatedTest;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** The leadership and its connection, on a real PostgreSQL. */
class LeaderPollerTest {

    private static final String WAITING = "select count(*) from pg_locks where locktype = 'advisory'"
            + " and classid = 1885826676 and not granted"
            + " and database = (select oid from pg_database where datname = current_database())";
    private static final String LISTENING = "select count(*) from pg_locks where locktype = 'advisory'"
            + " and classid = 1885826676 and granted and mode = 'ExclusiveLock'"
            + " and database = (select oid from pg_database where datname = current_database())";

    private final TestDatabase database = TestPostgres.shared().installed();

    private static boolean isWaiting(Connection connection) throws SQLException {
        try (ResultSet count = connection.createStatement().executeQuery(WAITING)) {
            return count.next() && count.getInt(1) == 1;
        }
    }

    private final AtomicInteger connections = new AtomicInteger();

    /** The news of a connection may come when the lock has been asked for on it already. */
    @RepeatedTest(3)
    void aLockThatIsGrantedBeforeTheConnectionIsKnownCostsNoConnection() throws SQLException {
        Database others = new Database(database.url(), false);
        Notifications notifications =
                new Notifications(database.url(), others, UUID.randomUUID(), Duration.ofSeconds(1), event -> {
                    if (event instanceof Event.Listening) {
                        connections.incrementAndGet();
                    }
                });
        LeaderPoller poller =
                new LeaderPoller(notifications, () -> {}, Mono::empty, Duration.ofMinutes(1), event -> {});
        Disposable subscription = notifications.signals().subscribe();
        try (Connection sender = database.connect()) {
            sender.setAutoCommit(false);
            Awaitility.await().until(() -> connections.get() == 1);
            sender.createStatement().execute("select pg_advisory_xact_lock_shared(1885826676, 1)");
            poller.assigned(true, false);
            // Within the 50 ms for which it waits; not by a connection of its own each time.
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> isWaiting(sender));
            poller.onNotification(Notifications.Signal.CONNECTED);
            sender.commit();
            Awaitility.await().until(() -> database.one(LISTENING).equals("1"));
            assertThat(connections).hasValue(1);
        } finally {
            poller.close();
            subscription.dispose();
            others.close().block(Duration.ofSeconds(5));
        }
    }
}
