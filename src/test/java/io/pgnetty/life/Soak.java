package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.CuttableProxy;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Three bridges under mixed load while everything fails in turn; run by {@code mvn -Psoak verify}, for {@code
 * -Dpgnetty.soak.minutes=10}. Ends with every id accounted for, and prints what came of them.
 */
class Soak {

    private static final int SLOTS = 32;
    private static final long MINUTES = Long.getLong("pgnetty.soak.minutes", 10);

    private final Random random = new Random();
    private final ConcurrentLinkedQueue<String> committed = new ConcurrentLinkedQueue<>();
    private final Map<String, Integer> faults = new TreeMap<>();
    private final List<BridgeProcess> bridges = new ArrayList<>();
    private TestPostgres postgres;
    private TestDatabase database;
    private CuttableProxy proxy;
    private volatile boolean running = true;

    @Test
    void everyIdIsAccountedFor() throws Exception {
        postgres = TestPostgres.start("17", Map.of("fsync", "on", "synchronous_commit", "on"));
        database = postgres.installed();
        try (Target target = new Target().quiet();
                CuttableProxy cuttable = new CuttableProxy(postgres.port())) {
            proxy = cuttable;
            target.on("/flaky", (request, out, socket) -> {
                boolean fails = ThreadLocalRandom.current().nextInt(3) == 0;
                out.write(("HTTP/1.1 " + (fails ? "503 No" : "200 OK") + "\r\nContent-Length: 0\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                return true;
            });
            for (int i = 0; i < 3; i++) {
                bridges.add(start(i));
            }
            List<Thread> senders = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread sender = new Thread(() -> send(target), "sender-" + i);
                senders.add(sender);
                sender.start();
            }
            long end = System.nanoTime() + Duration.ofMinutes(MINUTES).toNanos();
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(
                        Duration.ofMillis(3000 + random.nextInt(4000)).toNanos());
                fault();
            }
            running = false;
            for (Thread sender : senders) {
                sender.join();
            }
            database.run("select net.resume()");
            Awaitility.await("an empty queue")
                    .atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> database.one("select count(*) from net.http_request_queue")
                            .equals("0"));
            account(target);
        } finally {
            bridges.forEach(BridgeProcess::close);
            postgres.stop();
        }
    }

    /** The first talks to the database through a network that can be cut. */
    private BridgeProcess start(int place) {
        TestDatabase seen = place > 0
                ? database
                : new TestDatabase(DatabaseUrl.parse(
                        database.text().replace(":" + postgres.port() + "/", ":" + proxy.port() + "/"), Map.of()));
        return BridgeProcess.run(
                seen,
                "--concurrency",
                String.valueOf(SLOTS),
                "--lease",
                "3s",
                "--fallback-poll",
                "1s",
                "--drain-timeout",
                "5s");
    }

    private void fault() throws SQLException {
        int place = random.nextInt(3);
        BridgeProcess bridge = bridges.get(place);
        Duration while_ = Duration.ofMillis(500 + random.nextInt(6000));
        switch (random.nextInt(8)) {
            case 0 -> {
                note("kill -9");
                bridge.kill();
                bridges.set(place, start(place));
            }
            case 1 -> {
                note("SIGTERM");
                assertThat(bridge.terminate()).as(bridge.log()).isZero();
                bridges.set(place, start(place));
            }
            case 2 -> {
                note("SIGSTOP");
                bridge.signal("STOP");
                LockSupport.parkNanos(while_.toNanos());
                bridge.signal("CONT");
            }
            case 3 -> {
                note("sessions ended");
                database.run(
                        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgnetty%'");
            }
            case 4 -> {
                note("crash of PostgreSQL");
                postgres.crash();
                postgres.startAgain();
            }
            case 5 -> {
                note("network cut");
                proxy.cut();
                LockSupport.parkNanos(while_.toNanos());
                proxy.heal();
            }
            case 6 -> {
                note("table locked");
                String table = random.nextBoolean() ? "net.http_request_queue" : "net._http_response";
                try (Connection connection = database.connect();
                        Statement statement = connection.createStatement()) {
                    connection.setAutoCommit(false);
                    statement.execute("lock table " + table + " in access exclusive mode");
                    LockSupport.parkNanos(while_.toNanos());
                    connection.rollback();
                }
            }
            default -> {
                note("paused");
                database.run("select net.pause()");
                LockSupport.parkNanos(while_.toNanos());
                database.run("select net.resume()");
            }
        }
    }

    private void note(String fault) {
        faults.merge(fault, 1, Integer::sum);
    }

    private void send(Target target) {
        ThreadLocalRandom own = ThreadLocalRandom.current();
        while (running) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                while (running) {
                    String id = TestDatabase.rows(statement, call(target, own))
                            .get(0)
                            .get(0);
                    committed.add(id);
                    if (own.nextInt(20) == 0) {
                        statement.execute("select net.cancel(" + id + ")");
                    }
                    LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
                }
            } catch (SQLException e) {
                // The server is away: what was not confirmed does not count.
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        }
    }

    private static String call(Target target, ThreadLocalRandom random) {
        return switch (random.nextInt(6)) {
            case 0 -> "select net.http_get('" + target.url("/plain") + "')";
            case 1 -> "select net.http_post('" + target.url("/plain") + "', '{\"a\": 1}')";
            case 2 -> "select net.http_request('GET', '" + target.url("/flaky") + "', max_attempts := 4)";
            case 3 ->
                "select net.http_request('GET', '" + target.url("/flaky") + "', max_attempts := 2, priority := "
                        + random.nextInt(-3, 4) + ")";
            case 4 ->
                "select net.http_request('GET', '" + target.url("/plain") + "', not_before := clock_timestamp() +"
                        + random.nextInt(5000) + " * interval '1 ms')";
            default ->
                "select net.http_request('POST', '" + target.url("/plain") + "', idempotency_key := '"
                        + random.nextInt(5000) + "')";
        };
    }

    private void account(Target target) {
        database.run("create table confirmed (id bigint); insert into confirmed select distinct unnest('{"
                + String.join(",", committed) + "}'::bigint[])");
        Map<String, Long> states = database.rows("select net.http_request_status(id) from confirmed").stream()
                .collect(Collectors.groupingBy(row -> row.get(0), TreeMap::new, Collectors.counting()));
        int resent = target.keys().values().stream()
                .mapToInt(count -> count.get() - 1)
                .sum();
        long retries = Long.parseLong(database.one("select count(*) - count(distinct id) from net.attempts"));
        System.out.printf(
                "soak of %d min: %d calls confirmed, %s; %d arrivals of %d keys, %d beyond the first, %d of them retries;"
                        + " faults: %s%n",
                MINUTES, committed.size(), states, target.count(), target.keys().size(), resent, retries, faults);
        assertThat(states.keySet()).isSubsetOf("succeeded", "dead", "cancelled");
        // Not one response without a request of ours, and none twice: ids are the key there.
        assertThat(database.one("select count(*) from net._http_response where status_code is null and not cancelled"
                        + " and same_as is null"))
                .isEqualTo("0");
        assertThat(database.one("select count(*) from net.dead_letter d where not exists"
                        + " (select from net.attempts a where a.id = d.id)"))
                .isEqualTo("0");
        int unclean = faults.getOrDefault("kill -9", 0)
                + faults.getOrDefault("SIGSTOP", 0)
                + faults.getOrDefault("network cut", 0)
                + faults.getOrDefault("SIGTERM", 0);
        assertThat(resent - retries).isLessThanOrEqualTo((long) unclean * SLOTS);
    }
}
