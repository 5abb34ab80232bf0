package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.CuttableProxy;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database in trouble: what was answered is kept, nothing more is claimed, it is said, and it recovers automatically. */
class TroubleTest {

    private static final int SLOTS = 20;
    private static final Duration RECOVERY = Duration.ofSeconds(20);

    private TestDatabase database;
    private Target target;

    @BeforeEach
    void begin() {
        database = TestPostgres.shared().installed();
        target = new Target();
    }

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    @Test
    void aFullDiskIsWaitedFor() {
        // Raised where a full disk is met: as the response is written.
        database.run(
                "create function full_disk() returns trigger language plpgsql as $$ begin"
                        + " raise exception using errcode = 'disk_full', message = 'could not extend file'; end $$;"
                        + " create trigger full_disk before insert on net._http_response for each row execute function full_disk()");
        overcomes("could not extend file", () -> database.run("drop trigger full_disk on net._http_response"));
    }

    @Test
    void aDatabaseThatIsReadOnlyIsWaitedFor() {
        String name = database.url().database();
        inTrouble(
                "read-only",
                bridge -> {
                    database.run("alter database " + name + " set default_transaction_read_only = on");
                    endSessions();
                },
                () -> database.run(
                        "set transaction read write; alter database " + name + " reset default_transaction_read_only"));
    }

    @Test
    void connectionsThatAreUsedUpAreWaitedFor() {
        TestDatabase owned = ownedBySomeone();
        try (TestBridge bridge = TestBridge.start(owned, Map.of(Setting.FALLBACK_POLL, "200ms"))) {
            owned.run("select net.http_get('" + target.url("/") + "')");
            awaitResponses(1);
            database.run("alter role " + owned.url().user() + " connection limit 0;"
                    + "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgnetty%'"
                    + " and datname = '" + database.url().database() + "'");
            Awaitility.await()
                    .until(() -> bridge.bridge().health().whyNotReady().isPresent());
            database.run("select net.http_get('" + target.url("/") + "')");
            Awaitility.await()
                    .until(() ->
                            bridge.bridge().health().whyNotReady().orElse("").contains("too many connections"));
            database.run("alter role " + owned.url().user() + " connection limit -1");
            bridge.awaitReady();
            awaitResponses(2);
        }
    }

    /** SIGTERM while the database is away: what was sent and cannot be recorded may be sent again, and that is said. */
    @Test
    void aStopWithoutADatabaseSaysWhatIsLost() throws IOException {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/held", latch);
        CuttableProxy proxy = new CuttableProxy(database.url().servers().get(0).port());
        TestBridge bridge = TestBridge.start(
                database,
                Map.of(
                        Setting.URL,
                        "postgresql://postgres@127.0.0.1:" + proxy.port() + "/"
                                + database.url().database(),
                        Setting.DRAIN_TIMEOUT,
                        "2s"));
        database.run("select net.http_get('" + target.url("/held") + "') from generate_series(1, 3)");
        Awaitility.await().until(() -> target.count() == 3);
        proxy.close();
        latch.countDown();
        bridge.close();
        assertThat(bridge.events(Event.Stopped.class))
                .singleElement()
                .extracting(Event.Stopped::lost)
                .isEqualTo(3);
    }

    /**
     * A failover to a standby that was behind: ids and numbers of leases are given again, to other requests. What the bridge still holds is
     * not theirs.
     */
    @Test
    void aDatabaseThatWentBackGivesNoAnswerOfAnotherRequest() {
        CountDownLatch latch = new CountDownLatch(1);
        target.on("/", (request, out, socket) -> {
            if (request.text().contains("old")) {
                latch.await();
            }
            String body = "answer to " + request.text();
            out.write(("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: " + body.length() + "\r\n\r\n"
                            + body)
                    .getBytes(StandardCharsets.UTF_8));
            return true;
        });
        String queue =
                "select net.http_post('" + target.url("/") + "', to_jsonb('%s ' || i)) from generate_series(1, 5) i";
        try (TestBridge bridge = TestBridge.start(database)) {
            database.run(queue.formatted("old"));
            Awaitility.await().until(() -> target.count() == 5);
            database.run("delete from net.http_request_queue; delete from net.lease;"
                    + "alter sequence net.http_request_queue_id_seq restart; alter sequence net.known_id restart;"
                    + "alter sequence net.lease_number_seq restart");
            endSessions();
            bridge.awaitReady();
            database.run(queue.formatted("new"));
            Awaitility.await().until(() -> target.count() == 10);
            latch.countDown();
            awaitResponses(5);
            assertThat(database.rows("select id, content from net._http_response order by id"))
                    .isEqualTo(IntStream.rangeClosed(1, 5)
                            .mapToObj(i -> List.of(String.valueOf(i), "answer to \"new " + i + "\""))
                            .toList());
        }
    }

    @Test
    void aSchemaThatIsGoneIsSaidAndLookedForAgain() {
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.LEASE, "3s"))) {
            bridge.awaitReady();
            database.run("alter schema net rename to gone");
            Awaitility.await()
                    .until(() ->
                            bridge.bridge().health().whyNotReady().orElse("").contains("pgnetty install"));
            database.run("alter schema gone rename to net; select net.http_get('" + target.url("/") + "')");
            bridge.awaitReady();
            awaitResponses(1);
        }
    }

    /** As a function of ours that somebody has changed. */
    @Test
    void aClaimThatCannotBeReadIsSaidOnce() throws IOException, InterruptedException {
        String mine = Files.readString(Path.of("sql/internal/claim_due.sql"));
        try (TestBridge bridge = TestBridge.start(database)) {
            database.run(mine.replace("      q.max_attempts,", "      null::integer,"));
            database.run("select net.http_get('" + target.url("/") + "') from generate_series(1, 3)");
            Awaitility.await()
                    .until(() -> bridge.bridge()
                            .health()
                            .whyNotReady()
                            .filter(why -> why.contains("cannot be read"))
                            .isPresent());
            IntStream.range(0, 5).forEach(i -> database.run("select net.wake()"));
            // What it claimed is given back, and nothing is claimed meanwhile; what is counted is what does not happen.
            TimeUnit.SECONDS.sleep(2);
            assertThat(bridge.events(Event.ClaimUnreadable.class)).hasSize(1);
            assertThat(database.one("select coalesce(max(number), 0) < 3 from net.lease"))
                    .isEqualTo("t");
            database.run(mine);
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> target.count() == 3);
            bridge.awaitReady();
            awaitResponses(3);
        }
    }

    @Test
    void aLockOnTheQueueIsWaitedFor() throws SQLException {
        locked("net.http_request_queue");
    }

    @Test
    void aLockOnTheResponsesIsWaitedFor() throws SQLException {
        locked("net._http_response");
    }

    @Test
    void aTriggerThatHangsForARowHoldsUpNoOther() throws SQLException {
        database.run("create table slow (id int); insert into slow values (1);"
                + " create function slow() returns trigger language plpgsql as $$ begin"
                + " if new.id % 10 = 3 then update public.slow set id = id; end if; return new; end $$;"
                + " create trigger slow before insert on net._http_response for each row execute function slow()");
        try (TestBridge bridge = TestBridge.start(database);
                Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("update slow set id = id");
            database.run("select net.http_get('" + target.url("/") + "') from generate_series(1, 40)");
            Awaitility.await()
                    .atMost(RECOVERY)
                    .until(() -> database.one("select count(*) from net._http_response")
                            .equals("36"));
            other.rollback();
            awaitResponses(40);
            assertThat(bridge.events(Event.Parked.class)).isEmpty();
        }
        assertNoneSentTwice();
    }

    /** Another must be sent to show that it is the rows, though none is in flight. */
    @Test
    void asManySuchRowsAsThereArePlacesHoldUpNoOther() throws SQLException {
        slowRowsHoldUpNoOther(4, 4);
    }

    @Test
    void manyMoreSuchRowsThanThereArePlacesHoldUpNoOther() throws SQLException {
        slowRowsHoldUpNoOther(2, 6);
    }

    private void slowRowsHoldUpNoOther(int slots, int slow) throws SQLException {
        database.run("create table slow (id int); insert into slow values (1);"
                + " create function slow() returns trigger language plpgsql as $$ begin"
                + " if new.id <= " + slow + " then update public.slow set id = id; end if; return new; end $$;"
                + " create trigger slow before insert on net._http_response for each row execute function slow()");
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.CONCURRENCY, String.valueOf(slots)));
                Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("update slow set id = id");
            database.run("select net.http_get('" + target.url("/") + "') from generate_series(1, " + slow + ")");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> bridge.bridge().unrecorded() == slow);
            database.run("select net.http_get('" + target.url("/") + "') from generate_series(1, 12)");
            awaitResponses(12);
            other.rollback();
            awaitResponses(12 + slow);
            assertThat(bridge.events(Event.Parked.class)).isEmpty();
        }
        assertNoneSentTwice();
    }

    /** As a person who looks at rows in flight and forgets the transaction. */
    @Test
    void anOpenTransactionWithLocksOnRowsInFlightHoldsUpNoOther() throws SQLException {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/held", latch);
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.CONCURRENCY, "8"));
                Connection other = database.connect();
                Statement statement = other.createStatement()) {
            database.run("select net.http_get('" + target.url("/held") + "') from generate_series(1, 5)");
            Awaitility.await().until(() -> target.count() == 5);
            other.setAutoCommit(false);
            statement.execute("select from net.http_request_queue where id in (2, 4) for update");
            latch.countDown();
            awaitResponses(3);
            database.run("select net.http_get('" + target.url("/") + "') from generate_series(1, 50)");
            awaitResponses(53);
            assertThat(bridge.bridge().health().whyNotReady()).isEmpty();
            assertThat(bridge.events(Event.WriteBackFailed.class)).isEmpty();
            other.rollback();
            awaitResponses(55);
        }
        assertNoneSentTwice();
    }

    /** As a failover to a standby that had not heard of the claim: it is claimed again, by who holds it. */
    @Test
    void aClaimThatTheDatabaseLostTakesNoPlaceForEver() {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/", latch);
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.CONCURRENCY, "4"))) {
            database.run("select net.http_get('" + target.url("/") + "', timeout_milliseconds := 60000)");
            Awaitility.await().until(() -> target.count() == 1);
            database.run("delete from net.lease");
            database.run("select net.wake()");
            Awaitility.await().until(() -> target.count() == 2);
            assertThat(bridge.bridge().inFlight()).isEqualTo(1);
            latch.countDown();
            awaitResponses(1);
            Awaitility.await()
                    .until(() -> bridge.bridge().inFlight() + bridge.bridge().unrecorded() == 0);
        }
    }

    @Test
    void aRowThatIsParkedAfterTroubleEndsTheTrouble() {
        database.run("create function refuse() returns trigger language plpgsql as $$ begin"
                + " raise exception using errcode = 'disk_full', message = 'could not extend file'; end $$;"
                + " create trigger refuse before insert on net._http_response for each row execute function refuse()");
        try (TestBridge bridge = TestBridge.start(database)) {
            database.run("select net.http_get('" + target.url("/") + "')");
            Awaitility.await()
                    .until(() -> !bridge.events(Event.WriteBackStopped.class).isEmpty());
            // The disk has room again, and the trigger has a fault of its own.
            database.run("create or replace function refuse() returns trigger language plpgsql as $$ begin"
                    + " raise exception 'broken trigger'; end $$");
            Awaitility.await().until(() -> !bridge.events(Event.Parked.class).isEmpty());
            database.run("drop trigger refuse on net._http_response");
            bridge.awaitReady();
            database.run("select net.http_get('" + target.url("/") + "')");
            awaitResponses(1);
        }
    }

    @Test
    void operatorsOfOthersAreNotTheBridges() {
        database.run("create table called (who text); create function steal(numeric, bigint) returns numeric"
                + " language plpgsql as $$ begin insert into called values (current_user); return 1; end $$;"
                + " create operator / (leftarg = numeric, rightarg = bigint, function = steal);"
                + " create function steal(text, integer) returns text language plpgsql as"
                + " $$ begin insert into called values (current_user); return ''; end $$;"
                + " create operator || (leftarg = text, rightarg = integer, function = steal);"
                + " create function steal(bigint, interval) returns interval language plpgsql as"
                + " $$ begin insert into called values (current_user); return '0'; end $$;"
                + " create operator * (leftarg = bigint, rightarg = interval, function = steal);"
                + " create function steal(integer, interval) returns interval language plpgsql as"
                + " $$ begin insert into called values (current_user); return '0'; end $$;"
                + " create operator * (leftarg = integer, rightarg = interval, function = steal)");
        target.inTurn("/", Map.of(), 500);
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge).isNotNull();
            database.run("select net.http_request('GET', '" + target.url("/") + "', max_attempts := 2)");
            awaitResponses(1);
        }
        assertThat(database.rows("select * from called")).isEmpty();
    }

    @Test
    void aDeadlockIsTriedAgainAndNotEvenSaid() throws SQLException {
        // A trigger that locks in the opposite order of the test.
        database.run(
                "create table a (id int); create table b (id int); insert into a values (1); insert into b values (1);"
                        + " create function ab() returns trigger language plpgsql as $$ begin"
                        + " update public.a set id = id; perform pg_sleep(0.5); update public.b set id = id; return new; end $$;"
                        + " create trigger ab before insert on net._http_response for each row execute function ab();"
                        + " alter database " + database.url().database() + " set deadlock_timeout = '10ms'");
        try (TestBridge bridge = TestBridge.start(database)) {
            try (Connection other = database.connect();
                    Statement statement = other.createStatement()) {
                statement.execute("set deadlock_timeout = '10s'");
                other.setAutoCommit(false);
                statement.execute("update b set id = id");
                database.run("select net.http_get('" + target.url("/") + "')");
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> !database.rows("select from pg_stat_activity where wait_event = 'PgSleep'"
                                        + " and datname = current_database()")
                                .isEmpty());
                // The bridge closes the circle, looks first, and loses.
                statement.execute("update a set id = id");
                other.commit();
            }
            awaitResponses(1);
            Awaitility.await()
                    .until(() -> database.one(
                                    "select deadlocks from pg_stat_database where datname = current_database()")
                            .equals("1"));
            assertThat(bridge.events(Event.WriteBackFailed.class)).isEmpty();
            assertThat(bridge.events(Event.CutOff.class)).isEmpty();
        }
        assertNoneSentTwice();
    }

    @Test
    void aCopyOfTheDatabaseIsNotedWhileRunning() {
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.FALLBACK_POLL, "100ms"))) {
            // As if the name led to another database from now on.
            database.run("update net.bridge_control set identity = 'elsewhere/1'");
            endSessions();
            Awaitility.await()
                    .atMost(RECOVERY)
                    .until(() ->
                            bridge.bridge().health().whyNotReady().orElse("").contains("--adopt"));
            database.run("select net.http_get('" + target.url("/") + "')");
            Awaitility.await().during(Duration.ofMillis(500)).until(() -> target.count() == 0);
            database.run("update net.bridge_control set identity = net.identity()");
            bridge.awaitReady();
            awaitResponses(1);
        }
    }

    private void locked(String table) throws SQLException {
        List<Connection> locks = new ArrayList<>();
        inTrouble(
                "lock timeout",
                bridge -> {
                    try {
                        Connection lock = database.connect();
                        locks.add(lock);
                        lock.setAutoCommit(false);
                        lock.createStatement().execute("lock table " + table + " in access exclusive mode");
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                () -> {
                    for (Connection lock : locks) {
                        try {
                            lock.close();
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                });
    }

    private void overcomes(String reason, Runnable mend) {
        inTrouble(reason, bridge -> {}, mend);
    }

    /** Requests are in flight when trouble comes; they are answered, and later ones wait. */
    private void inTrouble(String reason, java.util.function.Consumer<TestBridge> begin, Runnable mend) {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/", latch);
        try (TestBridge bridge = TestBridge.start(
                database, Map.of(Setting.CONCURRENCY, String.valueOf(SLOTS), Setting.FALLBACK_POLL, "200ms"))) {
            database.run("select net.http_get('" + target.url("/") + "', timeout_milliseconds := 60000)"
                    + " from generate_series(1, " + 3 * SLOTS + ")");
            Awaitility.await().until(() -> target.count() == SLOTS);
            begin.accept(bridge);
            latch.countDown();

            Awaitility.await()
                    .atMost(RECOVERY)
                    .until(() ->
                            bridge.bridge().health().whyNotReady().orElse("").contains(reason));
            // What was answered waits. A look in the moment before writing was seen to fall behind has sent as many
            // again.
            assertThat(target.count()).isBetween(SLOTS, 2 * SLOTS);
            // The last answers may still be on their way.
            Awaitility.await().until(() -> bridge.bridge().unrecorded() == target.count());
            mend.run();
            bridge.awaitReady();
            awaitResponses(3 * SLOTS);
            assertThat(bridge.events(Event.Parked.class)).isEmpty();
        }
        assertNoneSentTwice();
        assertThat(target.count()).isEqualTo(3 * SLOTS);
    }

    private void endSessions() {
        // Waits for their end: a claim that one of them makes meanwhile would be lost as well.
        database.run("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = current_database()"
                + " and application_name like 'pgnetty%'");
    }

    /** The same database, seen by a role that owns schema net and is no superuser: limits hold for it. */
    private TestDatabase ownedBySomeone() {
        TestDatabase empty = TestPostgres.shared().empty();
        String role = "owner_of_" + empty.url().database();
        empty.run("create role " + role + " login password '" + role + "';" + "grant create on database "
                + empty.url().database() + " to " + role);
        database = empty;
        return TestPostgres.install(empty.as(role));
    }

    private void awaitResponses(int count) {
        Awaitility.await("responses")
                .atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(database.one("select count(*) from net._http_response"))
                        .isEqualTo(String.valueOf(count)));
    }

    private void assertNoneSentTwice() {
        assertThat(target.keys().values()).extracting(AtomicInteger::get).containsOnly(1);
    }
}
