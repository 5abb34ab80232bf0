package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.http.tls.TestTls;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.testing.FixedResolver;
import io.pgnetty.testing.Http2Target;
import io.pgnetty.testing.LeakWatch;
import io.pgnetty.testing.Queued;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TlsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/** A name that gets another address while requests for it never cease, so that its connections are always in use. */
class MovedTargetTest {

    private static final Duration MAX_AGE = Duration.ofSeconds(1);

    private final InetAddress before = address(1);
    private final InetAddress after = address(2);
    private final FixedResolver names = new FixedResolver(List.of(before));

    @Test
    void isFollowedWithinTheAgeOfAConnection() throws IOException {
        try (Target old = new Target(before);
                Target moved = new Target(after, old.port())) {
            old.respond("/", 200, Map.of(), "old".getBytes(StandardCharsets.US_ASCII));
            moved.respond("/", 200, Map.of(), "moved".getBytes(StandardCharsets.US_ASCII));
            assertFollowed("http://moved.example:" + old.port() + "/", UnaryOperator.identity());
        }
    }

    @Test
    void isFollowedOverHttp2() {
        TlsServer tls = TlsServer.of("RSA", "dns:moved.example");
        try (Http2Target old =
                        new Http2Target(tls, new InetSocketAddress(before, 0), exchange -> exchange.respond("old"));
                Http2Target moved = new Http2Target(
                        tls, new InetSocketAddress(after, old.port()), exchange -> exchange.respond("moved"))) {
            assertFollowed("https://moved.example:" + old.port() + "/", TestTls.trusting(tls));
        }
    }

    private void assertFollowed(String url, UnaryOperator<HttpClient> tls) {
        HttpSender sender = Requests.sender(
                4,
                MAX_AGE,
                "127.0.0.0/8",
                event -> {},
                client -> tls.apply(client).resolver(names));
        long started = System.nanoTime();
        List<String> answers = Flux.interval(Duration.ofMillis(5))
                .onBackpressureDrop()
                .doOnNext(i -> {
                    if (i >= 40) {
                        names.move(List.of(after));
                    }
                })
                .flatMap(i -> send(sender, url), 4)
                .takeUntil(answer -> answer.equals("moved") && System.nanoTime() - started > 3 * MAX_AGE.toNanos())
                .collectList()
                .block(Duration.ofSeconds(20));
        sender.close().block(Duration.ofSeconds(5));
        assertThat(answers).containsOnly("old", "moved");
        // Since the connections that were open at the move are too old, all go to the new address.
        assertThat(answers.subList(answers.size() * 3 / 4, answers.size())).containsOnly("moved");
        assertThat(LeakWatch.take()).isEmpty();
    }

    private static Mono<String> send(HttpSender sender, String url) {
        ByteBudget.Reservation memory = sender.memory().open("h");
        return sender.send(Queued.get(url), () -> true, HopGate.OPEN, memory)
                .map(MovedTargetTest::text)
                .doFinally(signal -> memory.close());
    }

    private static String text(Outcome outcome) {
        return outcome instanceof Responded response
                ? new String(response.body(), StandardCharsets.UTF_8)
                : outcome.toString();
    }

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
