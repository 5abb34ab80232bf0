package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;

/**
 * The quiet notifications in a storm: senders that commit, roll back, use savepoints, hold transactions open, come in bursts and go
 * silent, while the leader is killed and stopped, with the fallback poll an hour away. Whatever is committed is claimed within
 * the lease of the leadership, and two heartbeats of those that are left: as the run itself measures them, since a machine that is
 * busy starting a bridge again is slow with heartbeats as well. How many transactions: {@code -Dpgnetty.torture.transactions}.
 */
class NotificationsIT {

    private static final int SENDERS = 16;
    private static final Duration LEADERSHIP = Duration.ofSeconds(3);
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration FAULT_EVERY = Duration.ofSeconds(7);

    private final AtomicLong left = new AtomicLong(Long.getLong("pgnetty.torture.transactions", 20_000));
    private final AtomicLong committed = new AtomicLong();
    private final Target target = new Target().quiet();
    private volatile long lullUntil = System.nanoTime();
    private volatile boolean running = true;

    /** Senders wait for a backlog to shrink: with one, bridges poll all the time, and no notification matters. */
    private volatile boolean flooded;

    @Test
    void nothingIsLeftUnseen() throws InterruptedException, SQLException, IOException {
        TestPostgres postgres = TestPostgres.start("17", Map.of("fsync", "on", "synchronous_commit", "on"));
        List<BridgeProcess> bridges = new ArrayList<>();
        try {
            TestDatabase database = postgres.installed();
            for (int i = 0; i < 3; i++) {
                bridges.add(bridge(database));
            }
            List<Thread> senders = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                Random random = new Random(i);
                Thread sender = new Thread(() -> send(database, random), "sender-" + i);
                senders.add(sender);
                sender.start();
            }
            Watch watch = new Watch(database, "127.0.0.1:" + target.port());
            Thread faults = new Thread(() -> fault(database, bridges), "faults");
            faults.start();
            for (Thread sender : senders) {
                while (sender.isAlive()) {
                    flooded = watch.poll() >= Watch.LIMIT;
                    sender.join(100);
                }
            }
            running = false;
            faults.join();
            drain(database, watch);
            System.out.printf(
                    "torture: %d committed, longest unseen %d ms, allowed %d ms, notifications per commit %s%n",
                    committed.get(), watch.longest.toMillis(), watch.allowed().toMillis(), notifications(bridges));
            assertThat(watch.longest).isLessThan(watch.allowed());
            assertThat(
                            database.one(
                                    "select count(*) from net.http_request_queue where state = 'due' and id not in (select unnest(ids) from net.lease)"))
                    .isEqualTo("0");
        } finally {
            bridges.forEach(BridgeProcess::close);
            postgres.stop();
            target.close();
        }
    }

    /** A storm may leave a backlog. As long as it shrinks, it is waited for. */
    private static void drain(TestDatabase database, Watch watch) throws SQLException {
        for (long before = Long.MAX_VALUE, depth = depth(database);
                watch.poll() > 0;
                before = depth, depth = depth(database)) {
            assertThat(depth)
                    .as("the backlog of a minute ago shrinks: %s", state(database))
                    .isLessThan(before);
            System.out.printf("torture: %d waiting, longest unseen %d ms%n", depth, watch.longest.toMillis());
            try {
                Awaitility.await("an empty queue").atMost(Duration.ofMinutes(1)).until(() -> watch.poll() == 0);
            } catch (ConditionTimeoutException e) {
                // Looked at above.
            }
        }
    }

    private static long depth(TestDatabase database) {
        return Long.parseLong(database.one("select count(*) from net.http_request_queue where state = 'due'"));
    }

    private static String state(TestDatabase database) {
        return database.rows(
                        "select 'host', to_jsonb(h)::text from net.hosts h union all select 'bridge', to_jsonb(b)::text"
                                + " from net.bridges b union all select 'lease', (to_jsonb(l) - 'ids')::text from net.lease l"
                                + " union all select state, count(*)::text from net.http_request_queue group by state")
                .toString();
    }

    /** How long requests that are committed and due have been there without being claimed, as another session sees it. */
    private static final class Watch {
        private static final int LIMIT = 200;

        private final Connection connection;
        private final String host;
        private final Map<Long, Long> since = new HashMap<>();
        private Duration longest = Duration.ZERO;

        /** How long no bridge at all was heard of, at most, and how long one look of this took, with the pause before it. */
        private Duration longestSilence = HEARTBEAT;

        private Duration longestLook = Duration.ZERO;
        private long lastLook = System.nanoTime();

        Watch(TestDatabase database, String host) throws SQLException {
            this.host = host;
            connection = database.connect();
        }

        Duration allowed() {
            return LEADERSHIP.plus(longestSilence.multipliedBy(2)).plus(longestLook.multipliedBy(2));
        }

        int poll() throws SQLException {
            Set<Long> now = new HashSet<>();
            try (Statement statement = connection.createStatement()) {
                String silence = TestDatabase.rows(
                                statement,
                                "select extract(epoch from clock_timestamp() - max(seen)) * 1000 from net.bridges")
                        .get(0)
                        .get(0);
                if (silence != null) {
                    longestSilence = longer(longestSilence, Duration.ofMillis((long) Double.parseDouble(silence)));
                }
                // By host and rank, as they are claimed: what is behind them has not been passed over.
                for (List<String> row : TestDatabase.rows(
                        statement,
                        "select id from net.http_request_queue where host = '" + host
                                + "' and state = 'due' and id not in (select unnest(ids) from net.lease)"
                                + " order by rank, id limit " + LIMIT)) {
                    now.add(Long.valueOf(row.get(0)));
                }
            }
            long time = System.nanoTime();
            longestLook = longer(longestLook, Duration.ofNanos(time - lastLook));
            lastLook = time;
            since.keySet().retainAll(now);
            for (Long id : now) {
                Duration unseen = Duration.ofNanos(time - since.computeIfAbsent(id, first -> time));
                longest = longer(longest, unseen);
            }
            return now.size();
        }

        private static Duration longer(Duration a, Duration b) {
            return a.compareTo(b) > 0 ? a : b;
        }
    }

    private static BridgeProcess bridge(TestDatabase database) {
        // A heartbeat a second, and so three of them as the leader.
        return BridgeProcess.run(database, "--lease", "4s", "--fallback-poll", "1h", "--max-queued", "10000000");
    }

    private void send(TestDatabase database, Random random) {
        String call = "select net.http_request('GET', '" + target.url("/") + "', fire_and_forget := true)";
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (left.getAndDecrement() > 0) {
                int kind = random.nextInt(1000);
                if (kind < 150) {
                    statement.execute("savepoint a; " + call + "; rollback to savepoint a");
                    if (kind < 75) {
                        statement.execute(call);
                        committed.incrementAndGet();
                    }
                } else {
                    statement.execute(call);
                    if (kind < 160) {
                        pause(Duration.ofMillis(random.nextInt(400)));
                    }
                    if (kind > 600) {
                        committed.incrementAndGet();
                    }
                }
                if (kind >= 160 && kind <= 600) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
                if (kind == 999) {
                    // A lull now and then, so that the bridges listen only.
                    lullUntil = System.nanoTime() + Duration.ofMillis(300).toNanos();
                }
                while (flooded || System.nanoTime() - lullUntil < 0) {
                    pause(Duration.ofMillis(1));
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The leader is killed, and another started in its place; or stopped for longer than its leadership lasts. */
    private void fault(TestDatabase database, List<BridgeProcess> bridges) {
        Random random = new Random(1);
        while (running) {
            pause(FAULT_EVERY);
            String name = database.one(
                    "select coalesce((select r.name from net.leader d join net.bridges r using (bridge)), '')");
            int victim = 0;
            for (int i = 0; i < bridges.size(); i++) {
                if (!name.isEmpty()
                        && name.contains(String.valueOf(bridges.get(i).pid()))) {
                    victim = i;
                }
            }
            BridgeProcess bridge = bridges.get(victim);
            if (random.nextBoolean()) {
                bridge.kill();
                bridges.set(victim, bridge(database));
            } else {
                bridge.signal("STOP");
                pause(LEADERSHIP.plusSeconds(2));
                bridge.signal("CONT");
            }
        }
    }

    private static String notifications(List<BridgeProcess> bridges) {
        return bridges.stream()
                .map(bridge -> bridge.get("/metrics")
                        .body()
                        .lines()
                        .filter(line -> line.startsWith("pgnetty_notifications_total"))
                        .findFirst()
                        .orElse(""))
                .toList()
                .toString();
    }

    private static void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }
}
