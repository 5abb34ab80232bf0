package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests with an ordering_key, when bridges are killed, and what they cost. */
class OrderIT {

    private static final int REQUESTS = 400;
    private static final int KEYS = 20;

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
        target = new Target();
    }

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    @Test
    void bridgesThatDieChangeNoOrder() {
        target.on("/", (request, out, socket) -> {
            Thread.sleep(5);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return true;
        });
        try (BridgeProcess one = bridge();
                BridgeProcess two = bridge()) {
            database.run(
                    "select net.http_request('POST', '" + target.url("/") + "', body_text := format('%s %s %s', i % "
                            + KEYS + ", i, repeat('x', i * 10)), ordering_key := 'key ' || i % " + KEYS
                            + ") from generate_series(1, " + REQUESTS + ") i");
            Awaitility.await().until(() -> target.count() > 60);
            one.kill();
            try (BridgeProcess three = bridge()) {
                assertThat(three).isNotNull();
                Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> target.count() > 200);
                two.kill();
                awaitEmpty();
            }
        }
        for (int key = 0; key < KEYS; key++) {
            assertThat(arrived(key + " ")).containsExactlyElementsOf(sent(key));
        }
    }

    /** What was in flight with a bridge is sent again, in its place. */
    private List<String> arrived(String prefix) {
        List<String> texts = new ArrayList<>();
        for (Target.Request request : target.requests()) {
            String text = request.text();
            if (text.startsWith(prefix)
                    && (texts.isEmpty() || !texts.get(texts.size() - 1).equals(text))) {
                texts.add(text);
            }
        }
        return texts;
    }

    private static List<String> sent(int key) {
        return IntStream.rangeClosed(1, REQUESTS)
                .filter(i -> i % KEYS == key)
                .mapToObj(i -> key + " " + i + " " + "x".repeat(i * 10))
                .toList();
    }

    @Test
    void tenThousandKeysCostLittle() {
        target.quiet();
        List<Double> ratios = new ArrayList<>();
        try (BridgeProcess bridge = bridge()) {
            assertThat(bridge).isNotNull();
            for (int round = 0; round < 3; round++) {
                double plain = perSecond("null", 20_000);
                double ordered = perSecond("'key ' || i % 10000", 20_000);
                System.out.printf("sent a second: %.0f without order, %.0f over 10,000 keys%n", plain, ordered);
                // The first warms up.
                if (round > 0) {
                    ratios.add(ordered / plain);
                }
            }
        }
        double better = Math.max(ratios.get(0), ratios.get(1));
        System.out.printf("over 10,000 keys %.2f of what is sent without order%n", better);
        // 0.7 is the aim; less than that on a noisy machine is noise.
        assertThat(better).isGreaterThan(0.5);
    }

    @Test
    void aHundredThousandBehindOneCostTheOthersNothing() {
        target.quiet();
        try (BridgeProcess bridge = bridge()) {
            assertThat(bridge).isNotNull();
            perSecond("'key ' || i % 10000", 20_000);
            double alone = perSecond("'key ' || i % 10000", 20_000);
            database.run("select net.http_request('POST', '" + target.url("/") + "', ordering_key := 'blocked',"
                    + " not_before := now() + interval '1 day');"
                    + "insert into net.new_request (method, url, ordering_key) select 'POST', '" + target.url("/")
                    + "', 'blocked' from generate_series(1, 100000)");
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> behind() == 100_000);
            double beside = perSecond("'key ' || i % 10000", 20_000);
            System.out.printf("sent a second: %.0f alone, %.0f beside 100,000 of one key%n", alone, beside);
            assertThat(beside / alone).isGreaterThan(0.6);
            assertThat(behind()).isEqualTo(100_000);
        }
    }

    private long behind() {
        return Long.parseLong(database.one("select count(*) from net.http_request_queue where state = 'behind'"));
    }

    /** From the commit of all to the last write-back. Little is asked of the database meanwhile. */
    private double perSecond(String key, int requests) {
        int before = target.count();
        database.run("insert into net.new_request (method, url, body, ordering_key) select 'POST', '" + target.url("/")
                + "', convert_to('a body of ' || i, 'UTF8'), " + key + " from generate_series(1, " + requests + ") i");
        long start = System.nanoTime();
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> target.count() >= before + requests
                        && database.one("select exists (select from net.http_request_queue where state = 'due')")
                                .equals("f"));
        assertThat(target.count()).isEqualTo(before + requests);
        return requests * 1e9 / (System.nanoTime() - start);
    }

    private BridgeProcess bridge() {
        return BridgeProcess.run(database, "--lease", "3s");
    }

    private void awaitEmpty() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .until(() -> database.one("select count(*) from net.http_request_queue")
                        .equals("0"));
    }
}
