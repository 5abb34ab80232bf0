package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.CuttableProxy;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several bridges on one queue, killed, frozen, cut off, replaced, with their database. */
class BridgesIT {

    private static final int SLOTS = 64;

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
        target = new Target().quiet();
    }

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    @Test
    void killsFreezesAndACrashLoseNothing() {
        database.run("checkpoint");
        slow("/", 40);
        try (BridgeProcess one = bridge();
                BridgeProcess two = bridge();
                BridgeProcess three = bridge()) {
            queue("/", 5000);
            awaitCount(500);
            one.kill();
            awaitCount(1200);
            two.kill();
            awaitCount(1900);
            postgres.crash();
            postgres.startAgain();
            awaitCount(2600);
            three.signal("STOP");
            pause(Duration.ofSeconds(5));
            three.signal("CONT");
            awaitResponses(5000);

            // What was in flight when a bridge was killed or frozen; the crash of PostgreSQL costs none.
            assertThat(resent()).isLessThanOrEqualTo(3 * SLOTS);
            assertThat(database.one("select count(*) from net.http_request_queue"))
                    .isEqualTo("0");
            assertThat(database.one("select count(*) from net._http_response where status_code = 200"))
                    .isEqualTo("5000");
            assertThat(database.one("select count(*) > 0 from net.attempts where failure = 'lost'"))
                    .isEqualTo("t");
        }
    }

    @Test
    void aFrozenReplicaOverwritesNothingAndSendsNothingMore() {
        CountDownLatch latch = new CountDownLatch(1);
        target.on("/", (request, out, socket) -> {
            boolean first = target.count() <= 20;
            if (first) {
                latch.await();
            }
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + (first ? "1" : "2"))
                    .getBytes(StandardCharsets.US_ASCII));
            return true;
        });
        try (BridgeProcess frozen = bridge()) {
            queue("/", 20);
            awaitCount(20);
            frozen.signal("STOP");
            try (BridgeProcess other = bridge()) {
                awaitResponses(20);
                latch.countDown();
                frozen.signal("CONT");
                Awaitility.await().until(() -> metric(frozen, "pgnetty_leases_lost_total") >= 20);

                assertThat(database.one("select count(*) from net._http_response where content = '2'"))
                        .isEqualTo("20");
                assertThat(target.count()).isEqualTo(40);
                assertThat(metric(other, "pgnetty_leases_lost_total")).isZero();
                // And it goes on with what is new.
                other.terminate();
                queue("/", 5);
                awaitResponses(25);
            }
        }
    }

    @Test
    void aRollingRestartLosesNothingAndSendsNothingTwice() throws InterruptedException {
        slow("/", 20);
        // The usual lease: with one of 3 s a machine that stalls for a second is cut off, and says so.
        List<BridgeProcess> bridges = new ArrayList<>(List.of(bridge("30s"), bridge("30s"), bridge("30s")));
        // Not more than one processor sends beside the start of a JVM.
        try (Load load = Load.start(database, target.url("/"), 3, Duration.ofMillis(20))) {
            for (int i = 0; i < 3; i++) {
                int before = load.count();
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> load.count() > before + 300);
                BridgeProcess old = bridges.remove(0);
                bridges.add(bridge("30s"));
                assertThat(old.terminate()).as(old.log()).isZero();
                assertThat(old.log().lines())
                        .as(old.log())
                        .noneMatch(line -> line.contains("\"WARN\"") || line.contains("\"ERROR\""));
            }
            List<String> committed = load.stop();
            awaitResponses(committed.size());
            assertThat(database.one("select count(*) from net._http_response where status_code = 200"))
                    .isEqualTo(String.valueOf(committed.size()));
            assertThat(resent()).isZero();
            assertThat(database.one("select count(*) from net.bridges")).isEqualTo("3");
        } finally {
            bridges.forEach(BridgeProcess::close);
        }
    }

    @Test
    void aWritePathCutForHalfAMinuteLosesNothing() throws IOException, InterruptedException {
        slow("/", 20);
        try (CuttableProxy proxy = new CuttableProxy(postgres.port());
                BridgeProcess bridge = BridgeProcess.run(
                        new TestDatabase(DatabaseUrl.parse(
                                database.text().replace(":" + postgres.port() + "/", ":" + proxy.port() + "/"),
                                Map.of())),
                        "--concurrency",
                        String.valueOf(SLOTS));
                Load load = Load.start(database, target.url("/"), 1, Duration.ofMillis(10))) {
            Awaitility.await().until(() -> load.count() > 300);
            proxy.cut();
            pause(Duration.ofSeconds(30));
            assertThat(bridge.status("/readyz")).isEqualTo(503);
            List<String> committed = load.stop();
            proxy.heal();
            awaitResponses(committed.size());
            assertThat(resent()).isLessThanOrEqualTo(SLOTS);
            bridge.awaitReady();
        }
    }

    @Test
    void twoShareTheWork() {
        slow("/", 5);
        try (BridgeProcess one = bridge();
                BridgeProcess two = bridge()) {
            queue("/", 6000);
            awaitResponses(6000);
            double first = metric(one, "pgnetty_requests_total");
            double second = metric(two, "pgnetty_requests_total");
            assertThat(first + second).isEqualTo(6000);
            assertThat(Math.min(first, second)).isGreaterThan(2000);
            assertThat(database.rows("select name from net.bridges where state = 'running'"))
                    .hasSize(2);

            // Bursts that either could take whole.
            for (int burst = 1; burst <= 30; burst++) {
                queue("/", 50);
                awaitResponses(6000 + 50 * burst);
            }
            assertThat(Math.min(
                            metric(one, "pgnetty_requests_total") - first,
                            metric(two, "pgnetty_requests_total") - second))
                    .isGreaterThan(500);
        }
    }

    @Test
    void aNewcomerHelpsWithinASecond() {
        slow("/", 200);
        try (BridgeProcess one = BridgeProcess.run(database, "--concurrency", "4")) {
            queue("/", 500);
            awaitCount(8);
            try (BridgeProcess two = bridge()) {
                long ready = System.nanoTime();
                Awaitility.await().until(() -> metric(two, "pgnetty_in_flight") > 10);
                assertThat(Duration.ofNanos(System.nanoTime() - ready)).isLessThan(Duration.ofSeconds(1));
                awaitResponses(500);
            }
            assertThat(metric(one, "pgnetty_requests_total")).isPositive();
        }
    }

    @Test
    void aDeadReplicasWorkIsTakenOverAsItsLeaseEnds() {
        CountDownLatch never = new CountDownLatch(1);
        target.hold("/held", never);
        try (BridgeProcess witness = BridgeProcess.run(database, "--fallback-poll", "1h", "--lease", "4s");
                BridgeProcess dying = BridgeProcess.run(database, "--fallback-poll", "1h", "--lease", "4s")) {
            // More than one has slots for.
            queue("/held", 300);
            awaitCount(300);
            assertThat(metric(dying, "pgnetty_in_flight")).isPositive();
            int held = target.count();
            dying.kill();
            long killed = System.nanoTime();
            // Its work is sent by the other, though nothing notifies and nothing polls.
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> target.count() > held);
            assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofMillis(5500));
            assertThat(metric(witness, "pgnetty_in_flight")).isPositive();
        } finally {
            never.countDown();
        }
    }

    private BridgeProcess bridge() {
        return bridge("3s");
    }

    private BridgeProcess bridge(String lease) {
        return BridgeProcess.run(
                database, "--concurrency", String.valueOf(SLOTS), "--lease", lease, "--fallback-poll", "1s");
    }

    private void slow(String path, int millis) {
        target.on(path, (request, out, socket) -> {
            TimeUnit.MILLISECONDS.sleep(millis);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
    }

    private void queue(String path, int count) {
        database.run("select net.http_request('GET', '" + target.url(path) + "', timeout_milliseconds := 20000)"
                + " from generate_series(1, " + count + ")");
    }

    private void awaitCount(int count) {
        Awaitility.await("sent")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> target.count() >= count);
    }

    private void awaitResponses(int count) {
        Awaitility.await("responses")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(database.one("select count(*) from net._http_response"))
                        .isEqualTo(String.valueOf(count)));
    }

    /** Requests that arrived beyond the first of each key. */
    private int resent() {
        return target.keys().values().stream()
                .mapToInt(count -> count.get() - 1)
                .sum();
    }

    /** The sum of a metric over its labels. */
    private static double metric(BridgeProcess bridge, String name) {
        Matcher matcher = Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? ([0-9.E+]+)$")
                .matcher(bridge.get("/metrics").body());
        double sum = 0;
        while (matcher.find()) {
            sum += Double.parseDouble(matcher.group(1));
        }
        return sum;
    }

    /** Time that must pass, as it is what is tested. */
    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        Awaitility.await().atMost(time.plusSeconds(5)).until(() -> System.nanoTime() - end > 0);
    }
}
