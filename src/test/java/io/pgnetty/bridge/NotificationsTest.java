package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The quiet notifications on a real PostgreSQL, with the fallback poll an hour away. */
class NotificationsTest {

    private static final String LOCK = "(1885826676, 1)";
    private static final String LISTENING =
            "select count(*) from pg_locks where locktype = 'advisory' and classid = 1885826676 and granted"
                    + " and mode = 'ExclusiveLock' and database = (select oid from pg_database where datname = current_database())";

    private TestDatabase database;
    private Target target;

    @BeforeEach
    void begin() {
        database = TestPostgres.shared().installed();
        target = new Target().quiet();
    }

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    @Test
    void sendersAreQuietWhileWorkComes() throws SQLException {
        try (TestBridge bridge = TestBridge.start(database)) {
            awaitAsleep();
            int sent = 0;
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                // Until it polls, which takes longer on a slower machine, each of them notifies.
                boolean silent = false;
                for (; sent < 10_000 && !silent; sent++) {
                    statement.execute("select net.http_get('" + target.url("/") + "')");
                    silent = bridge.bridge().isPolling();
                }
                assertThat(silent).isTrue();
                awaitCount(sent);
                int before = bridge.events(Event.Notified.class).size();
                for (int i = 0; i < 500; i++) {
                    statement.execute("select net.http_get('" + target.url("/") + "')");
                }
                statement.execute("select net.http_get('" + target.url("/") + "') from generate_series(1, 100)");
                awaitCount(sent + 600);
                // Of 501 commits; some of before may have been on their way, and a slow machine may nod off in between.
                assertThat(bridge.events(Event.Notified.class).size() - before).isLessThan(250);
            }
            // And sleeps again when none comes any more.
            awaitAsleep();
            assertThat(bridge.bridge().isPolling()).isFalse();
            assertThat(bridge.bridge().isIdleLockContested()).isFalse();
        }
    }

    /** Each statement of an idle bridge is a transaction. Counted from another database, as counting counts as well. */
    @Test
    void anIdleBridgeLeavesTheDatabaseAlone() throws InterruptedException {
        TestDatabase other = TestPostgres.shared().empty();
        String count = "select xact_commit + xact_rollback from pg_stat_database where datname = '"
                + database.one("select current_database()") + "'";
        try (TestBridge bridge = TestBridge.start(database)) {
            database.run("select net.http_get('" + target.url("/") + "')");
            awaitCount(1);
            awaitAsleep();
            // A session that is idle tells what it has done up to ten seconds later.
            TimeUnit.SECONDS.sleep(11);
            double perSecond = 4;
            // The server's own vacuum counts as well, where it comes by.
            for (int i = 0; i < 3 && perSecond > 3; i++) {
                long before = Long.parseLong(other.one(count));
                TimeUnit.SECONDS.sleep(10);
                perSecond = (Long.parseLong(other.one(count)) - before) / 10.0;
                System.out.printf("idle: %.1f statements a second%n", perSecond);
            }
            assertThat(perSecond).isBetween(0.5, 3.0);
            assertThat(bridge.bridge().isPolling()).isFalse();
        }
    }

    @Test
    void aTransactionThatIsOpenForLongIsSeenWhenItCommits() throws SQLException {
        try (TestBridge bridge = TestBridge.start(database);
                Connection open = database.connect();
                Connection rolledBack = database.connect()) {
            open.setAutoCommit(false);
            rolledBack.setAutoCommit(false);
            queueQuietly(bridge, open, target.url("/late"));
            rolledBack.createStatement().execute("select net.http_get('" + target.url("/never") + "')");
            rolledBack.rollback();
            awaitDone();
            int sent = target.count();
            // It cannot sleep meanwhile, and does not call that a stranger.
            Awaitility.await()
                    .during(Duration.ofMillis(1500))
                    .until(() -> database.one(LISTENING).equals("0")
                            && !bridge.bridge().isIdleLockContested());
            open.commit();
            Awaitility.await().atMost(Duration.ofSeconds(1)).until(() -> target.count() == sent + 1);
            awaitAsleep();
        }
    }

    @Test
    void aSavepointThatIsRolledBackTakesItsLockAlong() throws SQLException {
        try (TestBridge bridge = TestBridge.start(database);
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            awaitAwake(bridge);
            connection.setAutoCommit(false);
            statement.execute("savepoint a; select net.http_get('" + target.url("/never") + "'); rollback to a");
            awaitAsleep();
            awaitDone();
            int sent = target.count();
            statement.execute("select net.http_get('" + target.url("/") + "')");
            connection.commit();
            awaitCount(sent + 1);
        }
    }

    @Test
    void aStrangerWhoHoldsTheLockIsNamedAndHoldsNothingUp() throws SQLException {
        try (TestBridge bridge = TestBridge.start(database);
                Connection connection = database.connect();
                Statement stranger = connection.createStatement()) {
            takeWhileAwake(bridge, stranger, "select pg_try_advisory_lock" + LOCK);
            Awaitility.await().until(() -> bridge.bridge().isIdleLockContested());
            assertThat(bridge.bridge().isPolling()).isFalse();
            assertThat(bridge.events(Event.IdleLockContested.class))
                    .singleElement()
                    .satisfies(event -> assertThat(event.holder()).startsWith("role postgres, process "));
            awaitDone();
            int sent = target.count();
            long started = System.nanoTime();
            database.run("select net.http_get('" + target.url("/") + "')");
            awaitCount(sent + 1);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(1));
            stranger.execute("select pg_advisory_unlock" + LOCK);
            awaitAsleep();
            Awaitility.await().until(() -> !bridge.bridge().isIdleLockContested());
        }
    }

    @Test
    void aSharedStrangerKeepsItAwake() throws SQLException {
        try (TestBridge bridge = TestBridge.start(database);
                Connection connection = database.connect();
                Statement stranger = connection.createStatement()) {
            takeWhileAwake(bridge, stranger, "select pg_try_advisory_lock_shared" + LOCK);
            Awaitility.await()
                    .during(Duration.ofMillis(700))
                    .until(() -> database.one(LISTENING).equals("0"));
            awaitDone();
            int sent = target.count();
            database.run("select net.http_get('" + target.url("/") + "')");
            Awaitility.await().atMost(Duration.ofSeconds(1)).until(() -> target.count() == sent + 1);
        }
    }

    @Test
    void aSessionThatIsLeftFromABridgeIsEnded() throws SQLException {
        try (TestBridge bridge = TestBridge.start(database)) {
            try (Connection connection = database.connect();
                    Statement left = connection.createStatement()) {
                left.execute("set application_name = 'pgnetty listen 00000000-0000-0000-0000-000000000001'");
                takeWhileAwake(bridge, left, "select pg_try_advisory_lock" + LOCK);
                awaitAsleep();
                Awaitility.await().until(() -> !connection.isValid(1));
            }
            assertThat(bridge.events(Event.IdleLockContested.class)).isEmpty();
        }
    }

    @Test
    void oneOfTwoIsOnDutyAndTheOtherTakesOver() {
        try (TestBridge one = TestBridge.start(database, Map.of(Setting.LEASE, "2s"))) {
            awaitAsleep();
            try (TestBridge two = TestBridge.start(database, Map.of(Setting.LEASE, "2s"))) {
                assertThat(one.bridge()).isNotSameAs(two.bridge());
                one.close();
                // At once: a bridge that stops gives up the leadership.
                Awaitility.await()
                        .atMost(Duration.ofSeconds(1))
                        .until(() -> two.events(Event.Leadership.class).stream().anyMatch(Event.Leadership::on));
                awaitAsleep();
                database.run("select net.http_get('" + target.url("/") + "')");
                awaitCount(1);
            }
        }
        assertThat(database.one("select until from net.leader")).isEqualTo("-infinity");
    }

    @Test
    void quietSessionsCanPrepareTheirTransactions() throws SQLException {
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.FALLBACK_POLL, "300ms"));
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            assertThat(bridge.bridge()).isNotNull();
            awaitAsleep();
            statement.execute("set net.quiet = on");
            statement.execute("begin; select net.http_get('" + target.url("/") + "'); prepare transaction 'a'");
            statement.execute("commit prepared 'a'");
            awaitCount(1);
        }
    }

    /** By work that comes too often for notifications to pay. */
    private void awaitAwake(TestBridge bridge) {
        Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> {
            database.run("do $$ begin for i in 1..20 loop perform net.http_get('" + target.url("/")
                    + "'); commit; end loop; end $$");
            return bridge.bridge().isPolling();
        });
    }

    private void takeWhileAwake(TestBridge bridge, Statement statement, String take) {
        Awaitility.await().until(() -> {
            awaitAwake(bridge);
            return TestDatabase.rows(statement, take).get(0).get(0).equals("t");
        });
    }

    /** Leaves a transaction open that will commit without a notification, though the bridge may nod off before it calls. */
    private void queueQuietly(TestBridge bridge, Connection connection, String url) throws SQLException {
        String quiet = "select count(*) from pg_locks where locktype = 'advisory' and classid = 1885826676"
                + " and objid = 1 and pid = pg_backend_pid() and mode = 'ShareLock'";
        try (Statement statement = connection.createStatement()) {
            Awaitility.await().until(() -> {
                connection.rollback();
                awaitAwake(bridge);
                statement.execute("select net.http_get('" + url + "')");
                return !TestDatabase.rows(statement, quiet).get(0).get(0).equals("0");
            });
        }
    }

    private void awaitDone() {
        Awaitility.await()
                .until(() -> database.one("select count(*) from net.http_request_queue")
                        .equals("0"));
    }

    private void awaitAsleep() {
        Awaitility.await("listening only").until(() -> database.one(LISTENING).equals("1"));
    }

    private void awaitCount(int count) {
        Awaitility.await("sent").until(() -> target.count() >= count);
    }
}
