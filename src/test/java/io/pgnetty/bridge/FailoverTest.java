package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.postgres.Database;
import io.pgnetty.postgres.StatusReader;
import io.pgnetty.testing.Standby;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A primary that dies and a standby that takes its place, both real. */
class FailoverTest {

    private TestPostgres server;
    private TestDatabase primary;
    private Standby standby;
    private Target target;

    @BeforeEach
    void start() {
        // Else what is committed may not be in the log yet, which is what the standby follows.
        server = TestPostgres.start("17", Map.of("synchronous_commit", "on"));
        primary = server.installed();
        standby = Standby.of(primary);
        target = new Target().on("/", (request, out, socket) -> {
            String body = "answer to " + request.text();
            out.write(("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: " + body.length() + "\r\n\r\n"
                            + body)
                    .getBytes(StandardCharsets.UTF_8));
            return true;
        });
    }

    @AfterEach
    void stop() throws IOException {
        target.close();
        standby.close();
        server.stop();
    }

    @Test
    void theNewPrimaryIsFoundWithoutARestart() {
        try (TestBridge bridge = TestBridge.start(
                primary, Map.of(Setting.URL, bothServers(), Setting.LEASE, "5s", Setting.FALLBACK_POLL, "1s"))) {
            queue(primary, 1, 200);
            awaitAnswers(primary, 1, 200);
            // Some that wait, and some in flight, while the primary dies.
            queue(primary, 201, 500);
            standby.awaitAll();
            server.crash();
            standby.promote();
            TestDatabase now = standby.database();
            long start = System.nanoTime();
            Awaitility.await("cut off")
                    .until(() -> !bridge.events(Event.CutOff.class).isEmpty());
            bridge.awaitReady();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
            queue(now, 501, 600);
            awaitAnswers(now, 1, 600);
        }
    }

    /** Its machine hangs: connections to it stay open, new ones are accepted, and nothing is answered. */
    @Test
    void aFrozenPrimaryIsNotWaitedFor() {
        try (TestBridge bridge = TestBridge.start(primary, Map.of(Setting.URL, bothServers(), Setting.LEASE, "5s"))) {
            queue(primary, 1, 200);
            awaitAnswers(primary, 1, 200);
            standby.awaitAll();
            server.freeze();
            try {
                standby.promote();
                queue(standby.database(), 201, 300);
                long start = System.nanoTime();
                awaitAnswers(standby.database(), 1, 300);
                // A ping's interval and its time-out; what was waited for before were all time-outs one after another,
                // half a minute.
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(18));
                bridge.awaitReady();
            } finally {
                server.thaw();
            }
        }
    }

    @Test
    void aStandbyAtTheStartIsWaitedFor() throws Exception {
        TestDatabase here = standby.database();
        CompletableFuture<TestBridge> starting = CompletableFuture.supplyAsync(
                () -> TestBridge.start(here, Map.of(Setting.URL, here.text() + "?connect_timeout=2")));
        try {
            queue(primary, 1, 20);
            standby.awaitAll();
            Awaitility.await("a session there")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> here.one("select count(*) from pg_stat_activity where application_name = 'pgnetty'")
                            .equals("1"));
            assertThat(starting).isNotDone();
            for (String url : List.of(here.text(), bothServers())) {
                Database database =
                        new Database(DatabaseUrl.parse(url, Map.of()).orStandby(), true);
                assertThat(new StatusReader(database)
                                .read()
                                .block(Duration.ofSeconds(20))
                                .queued())
                        .isEqualTo(20);
                database.close().block();
            }
        } finally {
            server.crash();
            standby.promote();
            try (TestBridge bridge = starting.get(30, TimeUnit.SECONDS)) {
                awaitAnswers(here, 1, 20);
                assertThat(bridge.events(Event.CutOff.class))
                        .extracting(Event.CutOff::reason)
                        .anyMatch(why -> why.contains("standby") && why.contains(":" + standby.port()));
            }
        }
    }

    /** The standby first: it is passed over. */
    private String bothServers() {
        return "postgresql://postgres:postgres@127.0.0.1:" + standby.port() + ",127.0.0.1:" + server.port() + "/"
                + primary.url().database() + "?target_session_attrs=read-write";
    }

    private void queue(TestDatabase database, int from, int to) {
        database.run("select net.http_request('POST', '" + target.url("/")
                + "', body := to_jsonb('request ' || i), max_attempts := 3) from generate_series(" + from + ", " + to
                + ") i");
    }

    /** Each with its own, and none left. */
    private static void awaitAnswers(TestDatabase database, int from, int to) {
        Awaitility.await("answers")
                .atMost(Duration.ofSeconds(30))
                .until(() -> database.one("select count(*) from net.http_request_queue")
                        .equals("0"));
        Set<List<String>> missing = IntStream.rangeClosed(from, to)
                .mapToObj(i -> List.of("answer to \"request " + i + "\""))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        List<List<String>> answers = database.rows("select content from net._http_response");
        assertThat(answers).doesNotHaveDuplicates().allMatch(missing::contains);
        answers.forEach(missing::remove);
        assertThat(missing).isEmpty();
    }
}
