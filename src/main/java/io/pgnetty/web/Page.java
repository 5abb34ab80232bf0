package io.pgnetty.web;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.pgnetty.bridge.Bridge;
import io.pgnetty.bridge.Health;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.PageStatements;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Serves the page, what it reads under {@code /api/}, and what it orders. Who may ask is decided before. */
public final class Page {

    /** Streams of events at once: the others of the port's connections are for probes and lists. */
    private static final int STREAMS = 32;

    /** A stream ends after this time, and the page opens another: so each is admitted again now and then, and none outlives its token for long. */
    private static final Duration STREAM = Duration.ofSeconds(60);

    private static final String CSP =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
                    + " frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    private final Assets assets = new Assets();
    private final Api api;
    private final LiveFeed live;
    private final AtomicInteger streams = new AtomicInteger();

    /**
     * @param statements on the bridge's database
     * @param mayOrder whether there is a token, which whoever asks has shown
     * @param name of this bridge
     */
    public Page(PageStatements statements, Traffic traffic, Health health, boolean mayOrder, String name) {
        this.api = new Api(statements, mayOrder);
        this.live = new LiveFeed(statements, traffic, health, name);
    }

    /** The bridge is there. */
    public void have(Bridge running) {
        live.have(running);
    }

    /** Whether anybody may have what a path leads to: the page itself, which holds nothing of the database's. */
    public static boolean isPublic(String path) {
        return Assets.has(path);
    }

    /** Whether a path is one of the page's. */
    public boolean has(String path) {
        return Assets.has(path) || path.startsWith("/api/");
    }

    /** Answers. */
    public Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response, String path) {
        String method = request.method().name();
        if (Assets.has(path) && (method.equals("GET") || method.equals("HEAD"))) {
            return asset(request, response, path);
        }
        if (path.equals("/api/events") && method.equals("GET")) {
            return events(response);
        }
        return Flux.from(Mono.defer(() -> api.answer(method, path, request.uri()))
                .onErrorResume(error -> Mono.just(Api.Answer.of(
                        HttpResponseStatus.SERVICE_UNAVAILABLE, "problem", DatabaseFailure.reason(error))))
                .flatMap(answer -> json(response, answer)));
    }

    private Publisher<Void> asset(HttpServerRequest request, HttpServerResponse response, String path) {
        Assets.Asset asset = assets.of(path).orElseThrow();
        boolean zipped = request.requestHeaders()
                .get(HttpHeaderNames.ACCEPT_ENCODING, "")
                .toLowerCase(Locale.ROOT)
                .contains("gzip");
        byte[] body = zipped ? asset.gzip() : asset.plain();
        if (zipped) {
            response.header(HttpHeaderNames.CONTENT_ENCODING, "gzip");
        }
        return response.header(HttpHeaderNames.CONTENT_TYPE, asset.type())
                .header(HttpHeaderNames.CONTENT_LENGTH, String.valueOf(body.length))
                .header(HttpHeaderNames.VARY, "accept-encoding")
                .header(HttpHeaderNames.CACHE_CONTROL, "no-cache")
                .header("Content-Security-Policy", CSP)
                .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body)));
    }

    private Publisher<Void> events(HttpServerResponse response) {
        if (streams.incrementAndGet() > STREAMS) {
            streams.decrementAndGet();
            return json(
                    response,
                    Api.Answer.of(HttpResponseStatus.SERVICE_UNAVAILABLE, "problem", "too many pages are open here"));
        }
        AtomicBoolean counted = new AtomicBoolean(true);
        Disposable end = () -> {
            if (counted.getAndSet(false)) {
                streams.decrementAndGet();
            }
        };
        // A connection that is gone by now is never subscribed for.
        return response.withConnection(connection -> connection.onDispose(end))
                .sse()
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .send(
                        live.snapshots()
                                .take(STREAM)
                                .map(snapshot ->
                                        Unpooled.copiedBuffer("data: " + snapshot + "\n\n", StandardCharsets.UTF_8))
                                .doFinally(signal -> end.dispose()),
                        // Flushed each.
                        buffer -> true);
    }

    private static Mono<Void> json(HttpServerResponse response, Api.Answer answer) {
        return response.status(answer.status())
                .header(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .sendString(Mono.just(answer.json()))
                .then();
    }
}
