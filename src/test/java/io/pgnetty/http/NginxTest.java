package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.http.tls.TestTls;
import io.pgnetty.observe.Event;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.testing.LeakWatch;
import io.pgnetty.testing.Nginx;
import io.pgnetty.testing.Queued;
import io.pgnetty.testing.TlsServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A real server, where it is on the machine, in each of the protocols that it speaks. */
class NginxTest {

    private static final int CONCURRENCY = 20;

    private static TlsServer tls;
    private static Nginx nginx;

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final HttpSender sender = Requests.sender(CONCURRENCY, "127.0.0.0/8", events::add, TestTls.trusting(tls));

    @BeforeAll
    static void start() {
        Assumptions.assumeTrue(Nginx.installed(), "no nginx on this machine");
        tls = TlsServer.selfSigned();
        nginx = Nginx.start(tls);
    }

    @AfterAll
    static void stop() {
        if (nginx != null) {
            nginx.close();
        }
    }

    @AfterEach
    void end() {
        sender.close().block(Duration.ofSeconds(5));
        assertThat(LeakWatch.take()).isEmpty();
    }

    /** It ends each connection after 50 requests: with a header field, with GOAWAY. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void eachRequestHasItsOwnAnswer(int protocol) {
        assertThat(wrong(protocol, i -> i < 2_000)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void workersThatAreReplacedCostNoRequest(int protocol) {
        AtomicInteger reloaded = new AtomicInteger();
        Disposable reloads = Flux.interval(Duration.ofMillis(200))
                .publishOn(Schedulers.boundedElastic())
                .take(5)
                .doOnNext(i -> nginx.reload())
                .subscribe(i -> reloaded.incrementAndGet());
        assertThat(wrong(protocol, i -> !reloads.isDisposed())).isEmpty();
        assertThat(reloaded).hasValue(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aBodyThatItDoesNotTakeIsAnswered(int protocol) {
        for (int i = 0; i < 5; i++) {
            assertThat(send("POST", protocol, "/" + i, new byte[5_000_000]).block(Duration.ofSeconds(20)))
                    .isInstanceOfSatisfying(Responded.class, response -> {
                        assertThat(response.status()).isEqualTo(413);
                        assertThat(text(response)).contains("413 Request Entity Too Large");
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void whatItCompressesIsPlain(int protocol) {
        assertThat(text(send("GET", protocol, "/file/lines.txt", null).block(Duration.ofSeconds(20))))
                .isEqualTo("a line that is there often\n".repeat(10_000));
    }

    private List<String> wrong(int protocol, IntPredicate going) {
        return Flux.range(0, 100_000)
                .takeWhile(going::test)
                .flatMap(
                        i -> {
                            byte[] body = i % 3 == 0 ? new byte[i % 5_000 * 7] : null;
                            String length = body == null ? "" : String.valueOf(body.length);
                            String expected = (body == null ? "GET" : "POST") + " /" + i + " " + length + " ";
                            return send(body == null ? "GET" : "POST", protocol, "/" + i, body)
                                    .map(NginxTest::text)
                                    .filter(text -> !text.equals(expected))
                                    .map(text -> i + ": " + text);
                        },
                        CONCURRENCY)
                .collectList()
                .block(Duration.ofSeconds(60));
    }

    private Mono<Outcome> send(String method, int protocol, String path, byte[] body) {
        ByteBudget.Reservation memory = sender.memory().open("h");
        return sender.send(Queued.of(method, nginx.urls().get(protocol) + path, body), () -> true, HopGate.OPEN, memory)
                .doFinally(signal -> memory.close());
    }

    private static String text(Outcome outcome) {
        return outcome instanceof Responded response
                ? new String(response.body(), StandardCharsets.UTF_8)
                : outcome.toString();
    }
}
