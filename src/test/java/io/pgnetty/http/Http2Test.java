package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.pgnetty.http.tls.TestTls;
import io.pgnetty.observe.Event;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.testing.LeakWatch;
import io.pgnetty.testing.Queued;
import io.pgnetty.testing.TlsServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

/** Servers that speak HTTP/2. */
class Http2Test {

    private static TlsServer tls;

    private final Set<Object> connections = ConcurrentHashMap.newKeySet();
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final HttpSender sender = Requests.sender(64, "127.0.0.0/8", events::add, TestTls.trusting(tls));
    private final AtomicInteger requests = new AtomicInteger();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private volatile int goAwayEvery;
    private DisposableServer server;

    @BeforeAll
    static void certificate() {
        tls = TlsServer.selfSigned();
    }

    @AfterEach
    void end() {
        sender.close().block(Duration.ofSeconds(5));
        server.disposeNow(Duration.ofSeconds(5));
        assertThat(LeakWatch.take()).isEmpty();
    }

    @Test
    void requestsShareOneConnection() {
        serve(HttpProtocol.H2);
        List<String> wrong = Flux.range(0, 1_000)
                .flatMap(
                        i -> send("POST", "/" + i, ("body " + i).repeat(i % 200))
                                .filter(outcome -> !text(outcome).equals("/" + i + " " + ("body " + i).repeat(i % 200)))
                                .map(outcome -> i + ": " + outcome),
                        50)
                .collectList()
                .block(Duration.ofSeconds(60));
        assertThat(wrong).isEmpty();
        assertThat(connections).hasSize(1);
    }

    /** A server that ends its connection says which requests it has not looked at; the others it answers. */
    @Test
    void whatAServerDidNotLookAtIsSentOnceMore() {
        serve(HttpProtocol.H2);
        // Every hundredth request, it goes away.
        goAwayEvery = 100;
        List<String> wrong = Flux.range(0, 1_000)
                .flatMap(
                        i -> send("POST", "/" + i, "body " + i)
                                .filter(outcome -> !text(outcome).equals("/" + i + " body " + i))
                                // Those were answered in part.
                                .filter(outcome -> !text(outcome).contains("in the middle of its response"))
                                .map(outcome -> i + ": " + outcome),
                        20)
                .collectList()
                .block(Duration.ofSeconds(60));
        assertThat(wrong).isEmpty();
        assertThat(connections).hasSizeGreaterThan(5);
    }

    private Mono<Outcome> send(String method, String path, String body) {
        ByteBudget.Reservation memory = sender.memory().open("h");
        return sender.send(
                        Queued.of(
                                method,
                                "https://127.0.0.1:" + server.port() + path,
                                body.getBytes(StandardCharsets.UTF_8)),
                        () -> true,
                        HopGate.OPEN,
                        memory)
                .doFinally(signal -> memory.close());
    }

    private void serve(HttpProtocol protocol) {
        GenericSslContextSpec<SslContextBuilder> context = Http2SslContextSpec.forServer(tls.key(), tls.certificate());
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .protocol(protocol)
                .secure(spec -> spec.sslContext(context))
                .doOnConnection(
                        connection -> connections.add(connection.channel().parent()))
                .handle((request, response) -> request.receive()
                        .aggregate()
                        .asString()
                        .defaultIfEmpty("")
                        .flatMap(body -> {
                            seen.add(request.uri());
                            if (goAwayEvery > 0 && requests.incrementAndGet() % goAwayEvery == 0) {
                                request.withConnection(connection ->
                                        connection.channel().parent().close());
                            }
                            return response.sendString(Mono.just(request.uri() + " " + body))
                                    .then();
                        }))
                .bindNow();
    }

    /** What is on a fresh connection is not sent again. */
    private static void endUnlessFirst(Channel stream) {
        if (((Http2StreamChannel) stream).stream().id() > 3) {
            stream.parent().close();
        }
    }

    private static String text(Outcome outcome) {
        return outcome instanceof Responded response
                ? new String(response.body(), StandardCharsets.UTF_8)
                : outcome.toString();
    }
}
