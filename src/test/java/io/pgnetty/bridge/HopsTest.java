package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pauses, circuit breakers and rules hold for the host that a redirect leads to, as they do for the first. */
class HopsTest {

    private final TestDatabase database = TestPostgres.shared().installed();
    private final Target first = new Target();
    private final Target second = new Target();

    @BeforeEach
    void redirect() {
        first.respond("/", 307, Map.of("Location", second.url("/there")), new byte[0]);
    }

    @AfterEach
    void end() throws IOException {
        first.close();
        second.close();
    }

    @Test
    void nothingIsSentToAHostThatIsPaused() {
        database.run("select net.pause('127.0.0.1:" + second.port() + "')");
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge).isNotNull();
            database.run("select net.http_post('" + first.url("/") + "')");
            awaitResponses(1);
            assertThat(database.one("select error_msg from net._http_response"))
                    .isEqualTo("Redirect of 127.0.0.1:" + first.port() + " leads to 127.0.0.1:" + second.port()
                            + ", which is paused (net.pause)");
            assertThat(second.count()).isZero();
            database.run("select net.resume(); select net.http_post('" + first.url("/") + "')");
            awaitResponses(2);
            assertThat(second.count()).isEqualTo(1);
        }
    }

    @Test
    void slotsOfTheNextHostHoldOverAllRedirects() {
        second.on("/there", (request, out, socket) -> {
            new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
        database.run("select net.set_host_rule('127.0.0.1:" + second.port() + "', max_in_flight := 2)");
        try (TestBridge one = TestBridge.start(database);
                TestBridge two = TestBridge.start(database)) {
            database.run("select net.http_get('" + first.url("/") + "', timeout_milliseconds := 60000)"
                    + " from generate_series(1, 60)");
            awaitResponses(60);
            assertThat(one.events(Event.ChoreFailed.class)).isEmpty();
            assertThat(two.events(Event.ChoreFailed.class)).isEmpty();
        }
        assertThat(second.mostInFlight()).isBetween(1, 2);
        assertThat(database.rows("select distinct status_code from net._http_response"))
                .containsExactly(List.of("200"));
    }

    @Test
    void aRetryGoesToItsOwnHostAgain() {
        second.inTurn("/there", Map.of(), 503, 200);
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge).isNotNull();
            database.run("select net.http_request('GET', '" + first.url("/") + "', max_attempts := 3)");
            Awaitility.await()
                    .until(() -> database.rows("select host from net.my_requests where status = 'retrying'")
                                    .equals(List.of(List.of("127.0.0.1:" + first.port())))
                            || second.count() == 2);
            awaitResponses(1);
            assertThat(first.count()).isEqualTo(2);
        }
    }

    /** A probe whose sender would wait an hour must not keep a host shut that has recovered. */
    @Test
    void aProbeHasADeadlineOfItsOwn() {
        CountDownLatch never = new CountDownLatch(1);
        first.hold("/slow", never);
        database.run("select net.http_get('" + first.url("/slow") + "', timeout_milliseconds := 3600000)");
        database.run(
                "insert into net.hosts (host, patterns, breaker_open_until, openings) select h, net.patterns_of(h),"
                        + " clock_timestamp(), 3 from (select '127.0.0.1:" + first.port() + "' as h) x");
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.DRAIN_TIMEOUT, "1s"))) {
            Awaitility.await().until(() -> first.count() == 1);
            database.run("select net.http_get('" + first.url("/quick") + "')");
            awaitResponses(1);
            assertThat(bridge.events(Event.CircuitBreakerClosed.class)).hasSize(1);
        } finally {
            never.countDown();
        }
    }

    private void awaitResponses(int count) {
        Awaitility.await("responses")
                .atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(database.one("select count(*) from net._http_response"))
                        .isEqualTo(String.valueOf(count)));
    }
}
