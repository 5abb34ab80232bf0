package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pipeline's own promises: slots, stops, triggers, retention. */
class BridgeTest {

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
    void freePlacesAreFilledWhileOthersAreSlow() {
        target.on("/slow", (request, out, socket) -> {
            new CountDownLatch(1).await(400, TimeUnit.MILLISECONDS);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.CONCURRENCY, "20"))) {
            long started = System.nanoTime();
            database.run("select net.http_get('" + target.url("/slow") + "') from generate_series(1, 200)");
            awaitResponses(200);
            Duration took = Duration.ofNanos(System.nanoTime() - started);

            // Ten rounds of 400 ms at best.
            assertThat(took).isLessThan(Duration.ofMillis(6500));
            assertThat(target.mostInFlight()).isEqualTo(20);
            assertThat(bridge.bridge().inFlight()).isZero();
        }
    }

    @Test
    void manyRetriesAreEachSentWhenTheyAreDue() {
        target.inTurn(
                "/",
                Map.of(),
                IntStream.range(0, 400).map(i -> i < 200 ? 503 : 200).toArray());
        // On a slow machine they are 503 long enough to open the circuit breaker.
        database.run("select net.set_host_rule('*', break_failure_rate := 'infinity')");
        try (TestBridge bridge = TestBridge.start(database)) {
            for (int i = 0; i < 100; i++) {
                database.run("select net.http_request('GET', '" + target.url("/") + "', max_attempts := 20)");
            }
            awaitResponses(100);
            assertThat(target.count()).isEqualTo(300);
            assertThat(bridge.events(Event.ChoreFailed.class)).isEmpty();
        }
    }

    @Test
    void higherPrioritiesComeFirstAndWaitingCounts() {
        database.run("select net.pause();"
                + "select net.http_request('GET', '" + target.url("/low") + "', priority := -1);"
                + "select net.http_request('GET', '" + target.url("/plain") + "');"
                + "select net.http_request('GET', '" + target.url("/high") + "', priority := 7);"
                + "select net.http_request('GET', '" + target.url("/old") + "');"
                // As if it had waited for 90 s: 9 levels by now.
                + "update net.http_request_queue set rank = rank - interval '90 s' where url like '%/old'");
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.CONCURRENCY, "1"))) {
            assertThat(bridge).isNotNull();
            database.run("select net.resume()");
            awaitResponses(4);
        }
        assertThat(target.requests())
                .extracting(Target.Request::uri)
                .containsExactly("/old", "/high", "/plain", "/low");
    }

    @Test
    void hostsTakeTurns() {
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.CONCURRENCY, "1"))) {
            database.run("select net.pause(); select net.http_get('" + target.url("/one")
                    + "') from generate_series(1, 50);"
                    // Another name, the same server.
                    + "select net.http_get('http://localhost:" + target.port() + "/other') from generate_series(1, 5)");
            database.run("select net.resume()");
            awaitResponses(55);
            assertThat(bridge.bridge().inFlight()).isZero();
        }
        // One each, though fifty were there first.
        assertThat(target.requests().subList(0, 11))
                .extracting(Target.Request::uri)
                .containsOnly("/one", "/other");
        assertThat(target.requests().subList(0, 11).stream()
                        .filter(request -> request.uri().equals("/other")))
                .hasSize(5);
    }

    @Test
    void moreHostsThanAClaimLooksAtAreAllServed() {
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.CONCURRENCY, "2"))) {
            assertThat(bridge).isNotNull();
            // Every one of them paused, and behind them one that is not.
            database.run("select net.pause('*.paused');"
                    + "select net.http_get('http://h' || i || '.paused/') from generate_series(1, 300) i;"
                    + "select net.http_get('" + target.url("/") + "')");
            awaitResponses(1);
            assertThat(target.count()).isEqualTo(1);
            assertThat(database.one("select count(*) from net.my_requests where status = 'blocked'"))
                    .isEqualTo("300");
        }
    }

    @Test
    void aFullQueueFailsTheCall() throws SQLException {
        TestDatabase database = TestPostgres.shared().installed();
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.MAX_QUEUED, "20"))) {
            assertThat(bridge).isNotNull();
            database.run("select net.pause()");
            Connection old = database.connect();
            old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            old.setAutoCommit(false);
            old.createStatement().execute("select count(*) from net.http_request_queue");
            // Rows one after another, in one statement; and what is rolled back takes no room.
            for (String tooMany : new String[] {
                "insert into net.http_request_queue (method, url) select 'GET', 'http://h/' from generate_series(1, 21)",
                "select net.http_get('http://h/') from generate_series(1, 21)",
                "select net.http_put('http://h/') from generate_series(1, 21)"
            }) {
                assertThatThrownBy(() -> database.run(tooMany)).hasMessageContaining("--max-queued");
            }
            database.run(
                    "insert into net.http_request_queue (method, url) select 'GET', 'http://h/' from generate_series(1, 9)");
            database.run("select net.http_get('http://h/') from generate_series(1, 11)");
            // That sees none of them, which makes no room for others.
            old.createStatement().execute("select net.http_get('http://h/')");
            old.rollback();
            old.close();
            for (String more : new String[] {
                "select net.http_get('http://h/')",
                "select net.http_request('GET', 'http://h/', not_before := now() + interval '1 h')",
                "insert into net.http_request_queue (method, url) values ('GET', 'http://h/')"
            }) {
                assertThatThrownBy(() -> database.run(more)).hasMessageContaining("--max-queued");
            }
            assertThat(database.one("select count(*) from net.http_request_queue"))
                    .isEqualTo("20");
            // As soon as there is room.
            database.run("select net.cancel(min(id)) from net.http_request_queue");
            database.run("select net.http_get('http://h/')");
            assertThatThrownBy(() -> database.run("select net.http_get('http://h/') from generate_series(1, 5)"))
                    .hasMessageContaining("--max-queued");
        }
    }

    @Test
    void aSinglePlaceIsNeverForgotten() {
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.CONCURRENCY, "1"))) {
            database.run("select net.http_get('" + target.url("/") + "') from generate_series(1, 300)");
            awaitResponses(300);
            assertThat(target.mostInFlight()).isEqualTo(1);
            assertThat(bridge.bridge().inFlight()).isZero();
        }
    }

    @Test
    void aStopAtAnyMomentLeavesNoLeaseAndSendsNothingTwice() {
        for (int round = 0; round < 15; round++) {
            TestBridge bridge = TestBridge.start(database);
            for (int i = 0; i < 5; i++) {
                database.run("select net.http_get('" + target.url("/") + "')");
            }
            bridge.close();
            assertThat(database.one("select count(*) from net.lease")).isEqualTo("0");
        }
        try (TestBridge last = TestBridge.start(database)) {
            awaitResponses(75);
            assertThat(last.events(Event.LeaseLost.class)).isEmpty();
        }
        assertThat(target.keys().values()).extracting(AtomicInteger::get).containsOnly(1);
    }

    @Test
    void aTriggerThatFailsForARowHoldsUpNoOther() {
        database.run("create function bad() returns trigger language plpgsql as $$ begin"
                + " if new.id % 50 = 3 then insert into no_such_table values (1); end if; return new; end $$;"
                + " create trigger bad before insert on net._http_response for each row execute function bad()");
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.CONCURRENCY, "8"))) {
            database.run("select net.http_get('" + target.url("/") + "') from generate_series(1, 200)");
            awaitResponses(196);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(
                                    database.one(
                                            "select count(*) from net.my_requests where status = 'failed' and error_msg like '%no_such_table%'"))
                            .isEqualTo("4"));
            assertThat(bridge.events(Event.Parked.class)).hasSize(4);
        }
        assertThat(target.keys().values()).extracting(AtomicInteger::get).containsOnly(1);
        database.run("drop trigger bad on net._http_response");
        assertThat(database.one("select net.cancel(3)")).isEqualTo("t");
    }

    @Test
    void aTriggersUnqualifiedNamesAreFound() {
        database.run("create table seen (id bigint); create function note() returns trigger language plpgsql as"
                + " $$ begin insert into public.seen values (new.id); return new; end $$;"
                + " create trigger note after insert on net._http_response for each row execute function note()");
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge).isNotNull();
            database.run("select net.http_get('" + target.url("/") + "')");
            Awaitility.await()
                    .until(() -> database.one("select count(*) from seen").equals("1"));
        }
    }

    @Test
    void oldResponsesGoWhileIdle() {
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.RESPONSE_TTL, "1s"))) {
            database.run("select net.http_get('" + target.url("/") + "') from generate_series(1, 50)");
            // Else the table is empty as nothing is written yet.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(15))
                    .until(() -> bridge.events(Event.Expired.class).stream()
                                    .mapToInt(Event.Expired::count)
                                    .sum()
                            == 50);
            assertThat(database.one("select count(*) from net._http_response")).isEqualTo("0");
        }
    }

    @Test
    void oldDeadLettersGoWithTheirHistory() {
        target.inTurn("/", Map.of(), 500);
        try (TestBridge bridge =
                TestBridge.start(database, Map.of(Setting.RESPONSE_TTL, "1s", Setting.DEAD_LETTER_TTL, "3s"))) {
            database.run("select net.http_request('GET', '" + target.url("/") + "', max_attempts := 2)");
            Awaitility.await()
                    .until(() -> database.one("select count(*) from net._http_response")
                            .equals("1"));
            Awaitility.await()
                    .until(() -> database.one("select count(*) from net._http_response")
                            .equals("0"));
            // The response has gone, the letter and its history have not.
            assertThat(database.one("select net.http_request_status(1)")).isEqualTo("dead");
            assertThat(database.one("select count(*) from net.attempts")).isEqualTo("2");
            Awaitility.await()
                    .until(() ->
                            database.one("select count(*) from net.dead_letter").equals("0"));
            assertThat(database.one("select count(*) from net.attempts")).isEqualTo("0");
            assertThat(database.one("select net.http_request_status(1)")).isEqualTo("unknown");
            assertThat(bridge.events(Event.Expired.class)).isNotEmpty();
        }
    }

    @Test
    void readinessFollowsTheListener() {
        try (TestBridge bridge = TestBridge.start(database)) {
            database.run("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                    + " and application_name like 'pgnetty%'");
            Awaitility.await().until(() -> !bridge.events(Event.CutOff.class).isEmpty());
            bridge.awaitReady();
            // It says so in net.bridges by its next heartbeat, a moment later.
            database.run("select net.wait_until_running()");
        }
    }

    private void awaitResponses(int count) {
        Awaitility.await("responses")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(database.one("select count(*) from net._http_response"))
                        .isEqualTo(String.valueOf(count)));
    }
}
