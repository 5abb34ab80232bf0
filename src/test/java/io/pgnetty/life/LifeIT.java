package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.postgres.Schema;
import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.CuttableProxy;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real processes that are killed, cut off, drained and overloaded. */
class LifeIT {

    /** No promise: a slow machine takes its time. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static TestPostgres postgres;

    private TestDatabase database;
    private Target target;

    @BeforeAll
    static void startPostgres() {
        postgres = TestPostgres.start("17", Map.of("fsync", "on", "synchronous_commit", "on"));
    }

    @AfterAll
    static void stopPostgres() {
        postgres.stop();
    }

    @BeforeEach
    void begin() {
        database = postgres.installed();
        // More than one bridge has slots for.
        database.run("select net.set_host_rule('*', max_in_flight := 10000)");
        target = new Target();
    }

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    /** What there is no descriptor for stays in the queue; the probes, and the way back to the database, have theirs. */
    @Test
    void requestsThatUseUpTheDescriptorsWaitForThem() {
        CountDownLatch answer = new CountDownLatch(1);
        target.on("/", (request, out, socket) -> {
            answer.await();
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
        try (BridgeProcess bridge = BridgeProcess.runWithDescriptors(256, database, "--concurrency", "400")) {
            database.run("select net.http_get('" + target.url("/") + "', timeout_milliseconds := 120000)"
                    + " from generate_series(1, 400)");
            Awaitility.await("a shortage")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> bridge.get("/readyz").body().contains("no file descriptor left"));

            assertThat(target.count()).isBetween(1, 400 - 1);
            for (int i = 0; i < 3; i++) {
                assertThat(bridge.status("/livez")).isEqualTo(200);
                assertThat(bridge.status("/readyz")).isEqualTo(200);
                assertThat(bridge.status("/metrics")).isEqualTo(200);
            }
            assertThat(bridge.get("/metrics").body())
                    .contains("pgnetty_circuit_breaker_opened_total 0.0")
                    .contains("pgnetty_leases_lost_total 0.0")
                    .containsPattern("pgnetty_unsent_total [1-9]");
            assertThat(responses()).isZero();
            assertThat(bridge.log()).containsOnlyOnce("fewer are claimed");
            answer.countDown();
            awaitResponses(400);
            assertThat(database.one("select count(*) from net._http_response where status_code = 200"))
                    .isEqualTo("400");
            assertThat(target.count()).isEqualTo(400);
            Awaitility.await("all slots again")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !bridge.get("/readyz").body().contains("shortage"));
        } finally {
            answer.countDown();
        }
    }

    /** What it has begun it finishes, and then it ends, with one line that says why. */
    @Test
    void aBridgeEndsWhenTheSchemaIsUpgradedUnderIt() {
        CountDownLatch answer = new CountDownLatch(1);
        target.hold("/slow", answer);
        try (BridgeProcess bridge = BridgeProcess.run(database)) {
            String id =
                    database.one("select net.http_get('" + target.url("/slow") + "', timeout_milliseconds := 60000)");
            Awaitility.await().until(() -> target.count() == 1);
            // As install does, one version later.
            database.run("insert into net.schema_step (step) select max(step) + 1 from net.schema_step;"
                    + "select pg_notify('pgnetty', 'control')");
            Awaitility.await().until(() -> bridge.log().contains("draining"));
            database.run("select net.http_get('" + target.url("/late") + "')");
            answer.countDown();

            assertThat(bridge.exitCode()).isEqualTo(1);
            assertThat(bridge.log().lines().filter(line -> line.contains("newer")))
                    .singleElement()
                    .asString()
                    .contains("schema net is newer than this bridge: run the version that installed it");
            // From when it was at work.
            assertThat(bridge.log().substring(bridge.log().indexOf("ready:"))).doesNotContain("\"WARN\"");
            assertThat(database.one("select status_code from net._http_response where id = " + id))
                    .isEqualTo("200");
            assertThat(target.count()).isEqualTo(1);
        } finally {
            answer.countDown();
        }
        try (BridgeProcess again = BridgeProcess.starting(database.text())) {
            assertThat(again.exitCode()).isEqualTo(1);
            assertThat(again.log()).contains("schema net is newer than this bridge");
        }
    }

    @Test
    void tenThousandRequestsInASmallHeap() {
        target.quiet();
        try (BridgeProcess bridge = BridgeProcess.run(database, "--concurrency", "50")) {
            database.run("select net.http_post('" + target.url("/") + "', jsonb_build_object('i', i))"
                    + " from generate_series(1, 10000) i");
            awaitResponses(10_000);

            assertThat(target.count()).isEqualTo(10_000);
            assertThat(target.mostInFlight()).isLessThanOrEqualTo(50);
            assertThat(database.one("select count(*) from net._http_response where status_code = 200"))
                    .isEqualTo("10000");
            assertThat(database.one("select count(*) from net.http_request_queue"))
                    .isEqualTo("0");
            assertThat(bridge.get("/metrics").body())
                    .contains("pgnetty_requests_total{method=\"POST\",outcome=\"2xx\"} 10000.0");
        }
    }

    @Test
    void manyLargeBodiesInASmallHeap() {
        target.quiet();
        target.respond("/", 200, Map.of(), new byte[0]);
        try (BridgeProcess bridge = BridgeProcess.run(database)) {
            // More than the heap at once.
            database.run("select net.http_request('POST', '" + target.url("/") + "', body_text := repeat('x', 5000000),"
                    + " timeout_milliseconds := 60000) from generate_series(1, 40)");
            awaitResponses(40);
            assertThat(database.one("select count(*) from net._http_response where status_code = 200"))
                    .isEqualTo("40");
            assertThat(bridge.status("/readyz")).isEqualTo(200);
        }
    }

    @Test
    void killedListenBackendLosesNothing() throws InterruptedException {
        try (BridgeProcess bridge = BridgeProcess.run(database, "--fallback-poll", "1h");
                Load load = Load.start(database, target.url("/"), 4)) {
            for (int round = 0; round < 3; round++) {
                int before = load.count();
                Awaitility.await().until(() -> load.count() > before + 200);
                database.run("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where datname = current_database() and application_name like 'pgnetty listen %'");
            }
            List<String> committed = load.stop();
            awaitAnswered(committed, Duration.ofSeconds(5));
            assertNoneSentTwice();
            assertThat(bridge.get("/metrics").body()).doesNotContain("pgnetty_listen_reconnects_total 0.0");
        }
    }

    @Test
    void crashOfPostgresLosesNothing() throws InterruptedException {
        // What the tests before this one have written need not be replayed.
        database.run("checkpoint");
        try (BridgeProcess bridge = BridgeProcess.run(database);
                Load load = Load.start(database, target.url("/"), 4)) {
            Awaitility.await().until(() -> load.count() > 300);
            postgres.crash();
            Awaitility.await().until(() -> bridge.status("/readyz") == 503);
            assertThat(bridge.status("/livez")).isEqualTo(200);
            assertThat(bridge.get("/readyz").body()).contains("\"ready\":false", "\"reason\":");
            postgres.startAgain();
            int before = load.count();
            Awaitility.await().atMost(PATIENCE).until(() -> load.count() > before + 50);
            List<String> committed = load.stop();
            awaitAnswered(committed, Duration.ofSeconds(10));
            assertNoneSentTwice();
            bridge.awaitReady();
        }
    }

    @Test
    void aNetworkThatSwallowsEverythingIsNoticedAndGotOver() throws IOException, InterruptedException {
        try (CuttableProxy proxy = new CuttableProxy(postgres.port());
                BridgeProcess bridge = BridgeProcess.run(new TestDatabase(DatabaseUrl.parse(
                        database.text().replace(":" + postgres.port() + "/", ":" + proxy.port() + "/"), Map.of())));
                Load load = Load.start(database, target.url("/"), 2)) {
            Awaitility.await().until(() -> load.count() > 200);
            proxy.cut();
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> bridge.status("/readyz") == 503);
            proxy.heal();
            List<String> committed = load.stop();
            awaitAnswered(committed, Duration.ofSeconds(60));
            bridge.awaitReady();
        }
    }

    @Test
    void schemaDroppedAndInstalledAgainIsFoundAgain() {
        try (BridgeProcess bridge = BridgeProcess.run(database, "--fallback-poll", "200ms")) {
            Schema.run(database.url(), Schema.uninstallScript(false)).block();
            Awaitility.await().until(() -> bridge.status("/readyz") == 503);
            TestPostgres.install(database);
            bridge.awaitReady();
            String id = database.one("select net.http_get('" + target.url("/") + "')");
            awaitAnswered(List.of(id), Duration.ofSeconds(5));
        }
    }

    @Test
    void aDatabaseThatIsAwayAtTheStartIsWaitedFor() {
        try (BridgeProcess bridge =
                BridgeProcess.starting("postgresql://u:p@127.0.0.1:" + BridgeProcess.freePort() + "/nowhere")) {
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> bridge.status("/readyz") == 503);
            assertThat(bridge.status("/livez")).isEqualTo(200);
            Awaitility.await().until(() -> bridge.get("/readyz").body().contains("connection refused"));
            assertThat(bridge.get("/readyz").body()).contains("\"state\":\"starting\"");
            assertThat(bridge.terminate()).isZero();
        }
    }

    @Test
    void sigtermFinishesWhatIsInFlight() throws InterruptedException {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/slow", latch);
        try (BridgeProcess bridge = BridgeProcess.run(database)) {
            String id =
                    database.one("select net.http_get('" + target.url("/slow") + "', timeout_milliseconds := 30000)");
            Awaitility.await().until(() -> target.count() == 1);
            bridge.signal("TERM");
            Awaitility.await().until(() -> bridge.status("/readyz") == 503);
            assertThat(bridge.get("/readyz").body()).contains("draining");
            String late = database.one("select net.http_get('" + target.url("/late") + "')");
            latch.countDown();

            assertThat(bridge.exitCode()).isZero();
            assertThat(database.one("select status_code from net._http_response where id = " + id))
                    .isEqualTo("200");
            assertThat(database.one("select net.http_request_status(" + late + ")"))
                    .isEqualTo("queued");
            assertThat(database.one("select count(*) from net.bridges")).isEqualTo("0");
            assertThat(target.count()).isEqualTo(1);
        }
    }

    @Test
    void drainThatIsTooShortGivesTheRestBack() {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/slow", latch);
        try (BridgeProcess bridge = BridgeProcess.run(database, "--drain-timeout", "300ms")) {
            String id =
                    database.one("select net.http_get('" + target.url("/slow") + "', timeout_milliseconds := 30000)");
            Awaitility.await().until(() -> target.count() == 1);
            assertThat(bridge.terminate()).isZero();
            assertThat(database.one("select net.http_request_status(" + id + ")"))
                    .isEqualTo("queued");
        }
        latch.countDown();
    }

    @Test
    void twoSideBySideSendNothingTwice() throws InterruptedException {
        target.quiet();
        // Longer than the lease, so that it must be extended. A shorter lease is lost on a slow machine, and that is no
        // fault.
        target.on("/long", (request, out, socket) -> {
            new CountDownLatch(1).await(12, java.util.concurrent.TimeUnit.SECONDS);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
        try (BridgeProcess one = BridgeProcess.run(database, "--lease", "10s", "--fallback-poll", "200ms");
                BridgeProcess two = BridgeProcess.run(database, "--lease", "10s", "--fallback-poll", "200ms")) {
            database.run("select net.http_get('" + target.url("/long") + "', timeout_milliseconds := 60000)"
                    + " from generate_series(1, 20)");
            List<String> committed;
            try (Load load = Load.start(database, target.url("/"), 4)) {
                Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> load.count() > 3000);
                committed = load.stop();
            }
            awaitAnswered(committed, PATIENCE);
            awaitResponses(committed.size() + 20);
            assertNoneSentTwice();
            assertThat(one.get("/metrics").body()).doesNotContain("outcome=\"2xx\"} 0.0");
            assertThat(two.get("/metrics").body()).contains("pgnetty_requests_total");
        }
    }

    @Test
    void killedBridgesWorkIsTakenOver() {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/", latch);
        try (BridgeProcess one = BridgeProcess.run(database, "--lease", "2s")) {
            database.run("select net.http_get('" + target.url("/") + "', timeout_milliseconds := 20000)"
                    + " from generate_series(1, 30)");
            Awaitility.await().until(() -> target.count() == 30);
            one.kill();
        }
        latch.countDown();
        try (BridgeProcess two = BridgeProcess.run(database, "--fallback-poll", "200ms")) {
            assertThat(two).isNotNull();
            awaitResponses(30);
            assertThat(database.one("select count(*) from net._http_response where status_code = 200"))
                    .isEqualTo("30");
        }
    }

    private int responses() {
        return Integer.parseInt(database.one("select count(*) from net._http_response"));
    }

    private void awaitResponses(int count) {
        Awaitility.await("responses")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() ->
                        database.one("select count(*) from net._http_response").equals(String.valueOf(count)));
    }

    private void awaitAnswered(List<String> ids, Duration atMost) {
        Awaitility.await("answers to " + ids.size() + " requests")
                .atMost(atMost)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(database.one("select count(*) from unnest('{" + String.join(",", ids)
                                + "}'::bigint[]) id where not exists (select from net._http_response r"
                                + " where r.id = id and r.status_code = 200)"))
                        .isEqualTo("0"));
    }

    private void assertNoneSentTwice() {
        assertThat(target.keys().values()).extracting(AtomicInteger::get).containsOnly(1);
    }
}
