package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.ssl.SslContextBuilder;
import io.pgnetty.http.tls.TestTls;
import io.pgnetty.observe.Event;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Failed;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.testing.Http2Target;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
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
    private @Nullable DisposableServer server;
    private @Nullable Http2Target scripted;

    @BeforeAll
    static void certificate() {
        tls = TlsServer.selfSigned();
    }

    @AfterEach
    void end() {
        sender.close().block(Duration.ofSeconds(5));
        if (server != null) {
            server.disposeNow(Duration.ofSeconds(5));
        }
        if (scripted != null) {
            scripted.close();
        }
        assertThat(LeakWatch.take()).isEmpty();
    }

    @Test
    void requestsShareOneConnection() {
        serve(HttpProtocol.H2);
        List<String> wrong = Flux.range(0, 1_000)
                .flatMap(
                        i -> sending(
                                        "POST",
                                        "https://127.0.0.1:" + server.port() + "/" + i,
                                        ("body " + i).repeat(i % 200))
                                .filter(outcome -> !text(outcome).equals("/" + i + " " + ("body " + i).repeat(i % 200)))
                                .map(outcome -> i + ": " + outcome),
                        50)
                .collectList()
                .block(Duration.ofSeconds(60));
        assertThat(wrong).isEmpty();
        assertThat(connections).hasSize(1);
    }

    /** GOAWAY names the last request that the server looks at; those after it are sent once more. */
    @Test
    void whatAServerGoesAwayBeforeIsSentOnceMore() {
        scripted = new Http2Target(tls, exchange -> {
            if (exchange.connection() == 1 && exchange.number() == 3) {
                exchange.goAwayAfter(2);
                exchange.end();
            } else {
                exchange.respond(exchange.path());
            }
        });
        for (int i = 0; i < 5; i++) {
            assertThat(text(get("/" + i))).isEqualTo("/" + i);
        }
        assertThat(retries()).isEqualTo(1);
    }

    @Test
    void whatAServerRefusesIsSentOnceMoreAndAFewTimesAtMost() {
        scripted = new Http2Target(tls, exchange -> {
            if (exchange.path().equals("/never") || (exchange.connection() == 1 && exchange.number() == 1)) {
                exchange.reset(Http2Error.REFUSED_STREAM);
            } else {
                exchange.respond(exchange.path());
            }
        });
        assertThat(text(get("/once"))).isEqualTo("/once");
        assertThat(scripted.requests()).isEqualTo(2);
        assertThat(get("/never"))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.kind()).isEqualTo(FailureKind.CLOSED));
        assertThat(scripted.requests()).isEqualTo(2 + 10);
    }

    /** As a proxy does whose workers are replaced one after the other. */
    @Test
    void aServerThatRefusesForAMomentCostsNoRequest() {
        long begun = System.nanoTime();
        scripted = new Http2Target(tls, exchange -> {
            if (System.nanoTime() - begun < Duration.ofMillis(500).toNanos()) {
                exchange.reset(Http2Error.REFUSED_STREAM);
            } else {
                exchange.respond(exchange.path());
            }
        });
        assertThat(text(get("/"))).isEqualTo("/");
    }

    @ParameterizedTest
    @EnumSource(
            value = Http2Error.class,
            names = {"INTERNAL_ERROR", "CANCEL", "ENHANCE_YOUR_CALM", "PROTOCOL_ERROR"})
    void anotherResetIsAFailure(Http2Error error) {
        scripted = new Http2Target(tls, exchange -> {
            if (exchange.path().equals("/reset")) {
                exchange.reset(error);
            } else {
                exchange.respond(exchange.path());
            }
        });
        assertThat(text(get("/"))).isEqualTo("/");
        assertThat(get("/reset"))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.kind()).isEqualTo(FailureKind.CLOSED));
        assertThat(text(get("/next"))).isEqualTo("/next");
        assertThat(retries()).isZero();
    }

    /** The server closes an idle connection at the moment in which several requests are written to it. */
    @Test
    void aConnectionThatHadEndedIsNoFailureOfAnyRequest() {
        AtomicInteger held = new AtomicInteger();
        scripted = new Http2Target(tls, exchange -> {
            if (exchange.connection() > 1 || exchange.path().equals("/first")) {
                exchange.respond(exchange.path());
            } else if (held.incrementAndGet() == 10) {
                exchange.end();
            }
        });
        assertThat(text(get("/first"))).isEqualTo("/first");
        assertThat(Flux.range(0, 10)
                        .flatMap(i -> sending("GET", scripted.url("/" + i), "").map(Http2Test::text), 10)
                        .collectList()
                        .block(Duration.ofSeconds(20)))
                .containsExactlyInAnyOrder("/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9");
        assertThat(retries()).isEqualTo(10);
    }

    /** On reading the second request on it, and nothing else is under way. */
    @Test
    void aConnectionThatEndsAtTheSecondRequestIsNoFailure() {
        scripted = new Http2Target(tls, exchange -> {
            if (exchange.number() == 2) {
                exchange.end();
            } else {
                exchange.respond(exchange.path());
            }
        });
        for (int i = 0; i < 30; i++) {
            assertThat(text(get("/" + i))).isEqualTo("/" + i);
        }
        assertThat(scripted.connections()).isEqualTo(30);
    }

    /** It takes one request at a time, and that one takes a while. */
    @Test
    void aServerThatTakesFewRequestsIsWaitedFor() {
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .protocol(HttpProtocol.H2)
                .http2Settings(settings -> settings.maxConcurrentStreams(1))
                .secure(spec -> spec.sslContext((GenericSslContextSpec<SslContextBuilder>)
                        Http2SslContextSpec.forServer(tls.key(), tls.certificate())))
                .handle((request, response) ->
                        response.sendString(Mono.delay(Duration.ofMillis(50)).map(tick -> request.uri())))
                .bindNow();
        List<String> wrong = Flux.range(0, 100)
                .flatMap(
                        i -> sending("GET", "https://127.0.0.1:" + server.port() + "/" + i, "")
                                .map(Http2Test::text)
                                .filter(text -> !text.equals("/" + i)),
                        20)
                .collectList()
                .block(Duration.ofSeconds(20));
        assertThat(wrong).isEmpty();
    }

    @Test
    void aBodyWhereThereIsNoneIsDropped() {
        scripted = new Http2Target(tls, exchange -> {
            exchange.head(
                    new DefaultHttp2Headers()
                            .status(exchange.path().substring(1))
                            .add("content-length", "4"),
                    false);
            exchange.data("body", true);
        });
        for (String path : List.of("/204", "/304")) {
            assertThat(get(path))
                    .isInstanceOfSatisfying(
                            Responded.class,
                            response -> assertThat(response.body()).isEmpty());
        }
        assertThat(sending("HEAD", scripted.url("/200"), "").block(Duration.ofSeconds(20)))
                .isInstanceOfSatisfying(
                        Responded.class, response -> assertThat(response.body()).isEmpty());
    }

    /** RFC 9113, section 7: HTTP_1_1_REQUIRED. */
    @Test
    void whatAServerWantsOverHttp1IsSentOverHttp1() {
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                .secure(spec -> spec.sslContext((GenericSslContextSpec<SslContextBuilder>)
                        Http2SslContextSpec.forServer(tls.key(), tls.certificate())))
                .handle((request, response) -> {
                    if (request.requestHeaders().contains("x-http2-stream-id")) {
                        request.withConnection(connection -> connection
                                .channel()
                                .writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.HTTP_1_1_REQUIRED)));
                        return Mono.never();
                    }
                    return response.sendString(Mono.just("over HTTP/1.1"));
                })
                .bindNow();
        assertThat(text(sending("GET", "https://127.0.0.1:" + server.port() + "/", "")
                        .block(Duration.ofSeconds(20))))
                .isEqualTo("over HTTP/1.1");
    }

    /** It answers one of them, and so had read what came. */
    @Test
    void aConnectionThatAnsweredMeanwhileIsAFailure() {
        AtomicInteger held = new AtomicInteger();
        scripted = new Http2Target(tls, exchange -> {
            if (exchange.connection() > 1 || exchange.path().equals("/first")) {
                exchange.respond(exchange.path());
            } else if (held.incrementAndGet() == 10) {
                exchange.respond(exchange.path());
                exchange.end();
            }
        });
        assertThat(text(get("/first"))).isEqualTo("/first");
        List<Outcome> outcomes = Flux.range(0, 10)
                .flatMap(i -> sending("GET", scripted.url("/" + i), ""), 10)
                .collectList()
                .block(Duration.ofSeconds(20));
        assertThat(outcomes).filteredOn(Responded.class::isInstance).hasSize(1);
        assertThat(outcomes)
                .filteredOn(outcome -> outcome instanceof Failed failed && failed.kind() == FailureKind.CLOSED)
                .hasSize(9);
        assertThat(retries()).isZero();
    }

    @Test
    void aFreshConnectionThatEndsIsAFailure() {
        List<String> paths = new CopyOnWriteArrayList<>();
        scripted = new Http2Target(tls, exchange -> {
            paths.add(exchange.path());
            exchange.end();
        });
        List<Outcome> outcomes = Flux.range(0, 5)
                .flatMap(i -> sending("GET", scripted.url("/" + i), ""), 5)
                .collectList()
                .block(Duration.ofSeconds(20));
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(((Failed) outcome).kind()).isEqualTo(FailureKind.CLOSED));
        // One that was not even written when the connection ended has another.
        assertThat(paths).doesNotHaveDuplicates();
    }

    @Test
    void anAnswerThatEndsInTheMiddleIsClosed() {
        scripted = new Http2Target(tls, exchange -> {
            exchange.head(new DefaultHttp2Headers().status("200"), false);
            exchange.data("half", false);
            if (exchange.path().equals("/reset")) {
                exchange.reset(Http2Error.INTERNAL_ERROR);
            } else {
                exchange.end();
            }
        });
        for (String path : List.of("/reset", "/end")) {
            assertThat(get(path))
                    .isInstanceOfSatisfying(
                            Failed.class, failed -> assertThat(failed.kind()).isEqualTo(FailureKind.CLOSED));
        }
    }

    /** It answers at the head of a large request, and says that it wants no more of it (RFC 9113, section 8.1). */
    @Test
    void anAnswerBeforeTheRequestIsWrittenOutIsTheAnswer() {
        scripted = new Http2Target(tls, exchange -> {
            exchange.head(new DefaultHttp2Headers().status("413"), false);
            exchange.data("large", true);
            if (exchange.path().equals("/reset")) {
                exchange.reset(Http2Error.NO_ERROR);
            }
        });
        for (String path : List.of("/reset", "/wait")) {
            for (int i = 0; i < 5; i++) {
                assertThat(sending("POST", scripted.url(path), "x".repeat(5_000_000))
                                .block(Duration.ofSeconds(20)))
                        .isInstanceOfSatisfying(Responded.class, response -> {
                            assertThat(response.status()).isEqualTo(413);
                            assertThat(text(response)).isEqualTo("large");
                        });
            }
        }
    }

    @Test
    void fieldsAreThoseOfTheServer() {
        scripted = new Http2Target(tls, exchange -> {
            exchange.head(
                    new DefaultHttp2Headers()
                            .status("200")
                            .add("x-one", "1")
                            .add("x-two", "2")
                            .add("x-two", "3"),
                    false);
            exchange.data("body", true);
        });
        assertThat(get("/")).isInstanceOfSatisfying(Responded.class, response -> {
            assertThat(text(response)).isEqualTo("body");
            assertThat(response.headers())
                    .containsExactlyInAnyOrder(
                            new Header("x-one", "1"), new Header("x-two", "2"), new Header("x-two", "3"));
        });
    }

    @ParameterizedTest
    @MethodSource
    void whatIsNotHttp2IsMalformed(String what, Http2Headers headers) {
        scripted = new Http2Target(tls, exchange -> {
            if (exchange.path().equals("/bad")) {
                exchange.head(headers, false);
                exchange.data("body", true);
            } else {
                exchange.respond(exchange.path());
            }
        });
        assertThat(text(get("/before"))).isEqualTo("/before");
        assertThat(get("/bad")).as(what).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.kind()).as(failed.message()).isEqualTo(FailureKind.MALFORMED);
            assertThat(failed.message())
                    .startsWith("The response of 127.0.0.1:")
                    .contains(" is not valid HTTP");
        });
        assertThat(text(get("/after"))).isEqualTo("/after");
    }

    static Stream<Arguments> whatIsNotHttp2IsMalformed() {
        return Stream.of(
                Arguments.of("no status", new DefaultHttp2Headers(false).add("x-a", "b")),
                Arguments.of(
                        "an upper-case name",
                        new DefaultHttp2Headers(false).status("200").add("X-Upper", "b")),
                Arguments.of("a status that is no number", new DefaultHttp2Headers(false).status("2x0")),
                Arguments.of(
                        "a pseudo-header of requests",
                        new DefaultHttp2Headers(false).status("200").path("/")),
                Arguments.of(
                        "a length that is none",
                        new DefaultHttp2Headers(false).status("200").add("content-length", "x")),
                Arguments.of(
                        "a length that is another",
                        new DefaultHttp2Headers(false).status("200").add("content-length", "99")),
                Arguments.of(
                        "a field of a connection",
                        new DefaultHttp2Headers(false).status("200").add("connection", "close")));
    }

    private Outcome get(String path) {
        return sending("GET", scripted.url(path), "").block(Duration.ofSeconds(20));
    }

    private long retries() {
        return events.stream().filter(Event.ConnectionRetried.class::isInstance).count();
    }

    private Mono<Outcome> sending(String method, String url, String body) {
        ByteBudget.Reservation memory = sender.memory().open("h");
        return sender.send(
                        Queued.of(
                                method,
                                url,
                                method.equals("GET") || method.equals("HEAD")
                                        ? null
                                        : body.getBytes(StandardCharsets.UTF_8)),
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
                        .flatMap(body -> response.sendString(Mono.just(request.uri() + " " + body))
                                .then()))
                .bindNow();
    }

    private static String text(Outcome outcome) {
        return outcome instanceof Responded response
                ? new String(response.body(), StandardCharsets.UTF_8)
                : outcome.toString();
    }
}
