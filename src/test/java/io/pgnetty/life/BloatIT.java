package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * The queue's size and the claim's time after many requests, under default autovacuum: {@code -Dpgnetty.bloat.requests=1000000}
 * for the whole million.
 */
class BloatIT {

    private static final int REQUESTS = Integer.getInteger("pgnetty.bloat.requests", 100_000);
    private static final int BATCH = 10_000;

    @Test
    void theQueueStaysAsSmallAsWhatWaits() throws IOException {
        TestPostgres postgres = TestPostgres.start("17", java.util.Map.of());
        try (Target target = new Target().quiet()) {
            TestDatabase database = postgres.installed();
            queue(database, target);
            long small = size(database);
            try (BridgeProcess bridge = BridgeProcess.run(database)) {
                long most = 0;
                Claims begin = Claims.of(bridge);
                Claims early = begin;
                for (int sent = BATCH; sent < REQUESTS; sent += BATCH) {
                    awaitWaiting(database, BATCH / 10);
                    queue(database, target);
                    most = Math.max(most, size(database));
                    if (sent == REQUESTS / 10) {
                        early = Claims.of(bridge);
                    }
                }
                Claims late = Claims.of(bridge);
                awaitWaiting(database, 1);
                Awaitility.await()
                        .until(() -> database.one("select count(*) from net.http_request_queue")
                                .equals("0"));
                double earlyMillis = early.millisSince(begin);
                double lateMillis = late.millisSince(early);
                System.out.printf(
                        Locale.ROOT,
                        "%d requests: queue and indexes %.1f MB with %d waiting, never above %.1f MB (%.1f times), now %.1f MB;"
                                + " a claim takes %.2f ms, %.2f ms at first%n",
                        REQUESTS,
                        small / 1e6,
                        BATCH,
                        most / 1e6,
                        (double) most / small,
                        size(database) / 1e6,
                        lateMillis,
                        earlyMillis);
                assertThat(most).isLessThan(5 * small);
                // Noise of a machine that does everything at once; growth with what went through would be a multiple.
                assertThat(lateMillis).isLessThan(2 * earlyMillis);
            }
        } finally {
            postgres.stop();
        }
    }

    private static void queue(TestDatabase database, Target target) {
        database.run("select net.http_post('" + target.url("/") + "', jsonb_build_object('i', i))"
                + " from generate_series(1, " + BATCH + ") i");
    }

    private static void awaitWaiting(TestDatabase database, int atMost) {
        Awaitility.await("sent")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> Integer.parseInt(database.one("select count(*) from net.http_request_queue")) <= atMost);
    }

    private static long size(TestDatabase database) {
        return Long.parseLong(database.one("select pg_total_relation_size('net.http_request_queue')"));
    }

    private record Claims(double seconds, double count) {

        static Claims of(BridgeProcess bridge) {
            String metrics = bridge.get("/metrics").body();
            return new Claims(
                    value(metrics, "pgnetty_claim_duration_seconds_sum"),
                    value(metrics, "pgnetty_claim_duration_seconds_count"));
        }

        double millisSince(Claims before) {
            return (seconds - before.seconds) / (count - before.count) * 1000;
        }

        private static double value(String metrics, String name) {
            Matcher matcher = Pattern.compile("(?m)^" + name + " ([0-9.E+-]+)$").matcher(metrics);
            assertThat(matcher.find()).as(name).isTrue();
            return Double.parseDouble(matcher.group(1));
        }
    }
}
