package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.PgBouncer;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** LISTEN through poolers that say that they take what a session is given. */
class PoolerTest {

    private final TestDatabase database = TestPostgres.shared().installed();
    private final List<Event> events = new CopyOnWriteArrayList<>();

    @BeforeEach
    void needsPgBouncer() {
        Assumptions.assumeTrue(PgBouncer.installed(), "pgbouncer is not installed");
    }

    /** What is set there would be met by whoever has the server's session next. */
    @Test
    void oneInTransactionModeIsNamedAndItsSessionsAreLeftAsTheyAre() {
        String url = pooler("transaction");
        listen(url, () -> {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> events.stream()
                            .anyMatch(event -> event instanceof Event.ListenLost lost
                                    && lost.reason().contains("--listen-url")));
            assertThat(events).noneMatch(Event.Listening.class::isInstance);
        });
        assertThat(database.rows("select application_name from pg_stat_activity where datname = current_database()"
                        + " and (application_name like 'pgnetty listen%' or query like 'listen pgnetty%')"))
                .isEmpty();
    }

    @Test
    void oneInSessionModeIsGoodEnough() {
        listen(
                pooler("session"),
                () -> Awaitility.await()
                        .atMost(Duration.ofSeconds(40))
                        .until(() -> events.stream().anyMatch(Event.Listening.class::isInstance)));
    }

    private String pooler(String mode) {
        return PgBouncer.takingAll(
                        database, mode, new TreeSet<>(Connections.ours().keySet()))
                .url(database);
    }

    private void listen(String url, Runnable check) {
        DatabaseUrl parsed = DatabaseUrl.parse(url, Map.of());
        Database others = new Database(parsed, true);
        Disposable signals = new Notifications(parsed, others, UUID.randomUUID(), Duration.ofSeconds(1), events::add)
                .signals()
                .subscribe();
        try {
            check.run();
        } finally {
            signals.dispose();
            others.close().block(Duration.ofSeconds(5));
        }
    }
}
