package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.OlderVersion;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two versions of the program on one queue: the schema is upgraded under traffic, while bridges of a version before are at work. */
class UpgradeIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** From the last commits at which the schema had ten steps, and fourteen. */
    @ParameterizedTest
    @ValueSource(strings = {"3853852", "2bea2c9"})
    void anUpgradeUnderTrafficLosesNothing(String commit) throws Exception {
        OlderVersion older = OlderVersion.of(commit).orElse(null);
        Assumptions.assumeTrue(older != null, "no history of the repository here");
        TestDatabase database = TestPostgres.shared().empty();
        assertThat(BridgeProcess.launchOlder(older, "install", "--url", database.text())
                        .exitCode())
                .isZero();
        // Depends on what it calls, which has more arguments now.
        database.run("create function say(url text) returns bigint language sql begin atomic"
                + " select net.http_request('POST', url, max_attempts => 3, not_before => '2000-01-01'); end");

        AtomicInteger queued = new AtomicInteger();
        AtomicBoolean going = new AtomicBoolean(true);
        try (Target target = new Target();
                BridgeProcess first = BridgeProcess.runOlder(older, database, "--lease", "5s");
                BridgeProcess second = BridgeProcess.runOlder(older, database, "--lease", "5s")) {
            Thread senders = new Thread(() -> {
                while (going.get()) {
                    database.one("select net.http_post('" + target.url("/") + "', to_jsonb(" + queued.incrementAndGet()
                            + "))");
                }
            });
            senders.start();
            awaitAnswers(database, 200);
            try (BridgeProcess install = BridgeProcess.launch(Map.of(), "install", "--url", database.text())) {
                assertThat(install.exitCode()).as(install::log).isZero();
                assertThat(install.log()).contains("is upgraded from");
            }
            // What is in flight is answered and written; then they make room for the version that the schema is for.
            for (BridgeProcess old : List.of(first, second)) {
                assertThat(old.exitCode()).as(old::log).isNotZero();
                assertThat(old.log()).contains("schema net is newer than this bridge");
            }
            try (BridgeProcess again = BridgeProcess.launchOlder(older, "run", "--url", database.text())) {
                assertThat(again.exitCode()).as(again::log).isNotZero();
                assertThat(again.log()).contains("newer");
            }
            try (BridgeProcess again = BridgeProcess.launchOlder(older, "install", "--url", database.text())) {
                assertThat(again.exitCode()).as(again::log).isNotZero();
                assertThat(again.log()).contains("newer");
            }
            try (BridgeProcess bridge = BridgeProcess.run(database, "--lease", "5s")) {
                awaitAnswers(database, queued.get() + 200);
                going.set(false);
                senders.join();
                awaitAnswers(database, queued.get());
                assertThat(bridge.log()).doesNotContain("ERROR");
            }
            assertThat(database.rows("select content::int n, status_code from net._http_response order by n"))
                    .isEqualTo(IntStream.rangeClosed(1, queued.get())
                            .mapToObj(n -> List.of(String.valueOf(n), "200"))
                            .toList());
            // Nothing was cut off, so nothing was sent twice.
            assertThat(target.count()).isEqualTo(queued.get());
            database.run("select say('" + target.url("/said") + "')");
            assertThat(database.one("select count(*) from net.http_request_queue where url like '%/said'"))
                    .isEqualTo("1");
        } finally {
            going.set(false);
        }
    }

    private static void awaitAnswers(TestDatabase database, int count) {
        Awaitility.await(count + " answers")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> Integer.parseInt(database.one("select count(*) from net._http_response")) >= count);
    }
}
