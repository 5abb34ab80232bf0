package io.pgnetty.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.pgnetty.bridge.Health;
import io.pgnetty.config.HostPort;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** {@code /livez}, {@code /readyz} and {@code /metrics} over HTTP. */
public final class AdminServer {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String TEXT = "text/plain; charset=utf-8";

    private static final int MAX_LINE_BYTES = 4 << 10;
    private static final int MAX_HEAD_BYTES = 16 << 10;

    /** For all of a request once its head is there. */
    private static final Duration REQUEST = Duration.ofSeconds(10);

    private final DisposableServer server;

    private AdminServer(DisposableServer server) {
        this.server = server;
    }

    /**
     * Listens on an address that this machine alone can reach. A page in a browser on this machine could be made to ask it
     * under a foreign name (DNS rebinding), so the Host header must be a loopback name.
     *
     * @return errors when the address cannot be bound
     */
    public static Mono<AdminServer> local(HostPort address, Health health, Meters meters) {
        return bind(address, health, meters, AdminServer::namesLoopback);
    }

    /** Listens on an address for probes and scrapers on other machines, under whatever name they know it. */
    public static Mono<AdminServer> probes(HostPort address, Health health, Meters meters) {
        return bind(address, health, meters, request -> true);
    }

    private static Mono<AdminServer> bind(
            HostPort address, Health health, Meters meters, Predicate<HttpServerRequest> admitted) {
        ConnectionLimits limits = new ConnectionLimits();
        return HttpServer.create()
                .host(address.host())
                .port(address.port())
                .httpRequestDecoder(
                        decoder -> decoder.maxInitialLineLength(MAX_LINE_BYTES).maxHeaderSize(MAX_HEAD_BYTES))
                .requestTimeout(REQUEST)
                .doOnChannelInit((observer, channel, remote) -> limits.watch(channel))
                .handle((request, response) -> admitted.test(request)
                        ? route(request, response, health, meters)
                        : text(
                                response,
                                HttpResponseStatus.FORBIDDEN,
                                "the Host header must be a loopback name, such as localhost\n"))
                .bind()
                .map(AdminServer::new);
    }

    /** The port it listens on. */
    public int port() {
        return server.port();
    }

    /** Stops listening. */
    public Mono<Void> close() {
        server.dispose();
        return server.onDispose();
    }

    private static Publisher<Void> route(
            HttpServerRequest request, HttpServerResponse response, Health health, Meters meters) {
        String method = request.method().name();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return text(
                    response.header(HttpHeaderNames.ALLOW, "GET, HEAD"),
                    HttpResponseStatus.METHOD_NOT_ALLOWED,
                    "only GET and HEAD are allowed\n");
        }
        HttpHeaders headers = request.requestHeaders();
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                || !headers.get(HttpHeaderNames.CONTENT_LENGTH, "0").equals("0")) {
            // Nothing here takes a body: it is not read, and its connection ends.
            return text(
                    response.keepAlive(false),
                    HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                    "request bodies are not accepted\n");
        }
        return page(request, response, health, meters);
    }

    private static Publisher<Void> page(
            HttpServerRequest request, HttpServerResponse response, Health health, Meters meters) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        return switch (query < 0 ? uri : uri.substring(0, query)) {
            case "/livez" ->
                health.state() == Health.State.BROKEN
                        ? text(response, HttpResponseStatus.INTERNAL_SERVER_ERROR, "broken\n")
                        : text(response, HttpResponseStatus.OK, "ok\n");
            case "/readyz" -> ready(response, health);
            case "/metrics" -> metrics(request, response, meters);
            case "/" -> text(response, HttpResponseStatus.OK, "pgnetty: /livez /readyz /metrics\n");
            default ->
                text(response, HttpResponseStatus.NOT_FOUND, "not found; the pages are /livez /readyz /metrics\n");
        };
    }

    private static Flux<Void> ready(HttpServerResponse response, Health health) {
        Optional<String> why = health.whyNotReady();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("ready", why.isEmpty());
        why.ifPresent(reason -> {
            body.put("state", health.state().name().toLowerCase(Locale.ROOT));
            body.put("reason", reason);
        });
        health.shortage().ifPresent(shortage -> body.put("shortage", shortage));
        return send(
                response,
                why.isEmpty() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE,
                "application/json",
                JSON.writeValueAsString(body) + "\n");
    }

    private static Flux<Void> metrics(HttpServerRequest request, HttpServerResponse response, Meters meters) {
        String accept = request.requestHeaders().get(HttpHeaderNames.ACCEPT, "");
        String type = accept.contains("application/openmetrics-text")
                ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8";
        return send(response, HttpResponseStatus.OK, type, meters.scrape(type));
    }

    private static Flux<Void> text(HttpServerResponse response, HttpResponseStatus status, String body) {
        return send(response, status, TEXT, body);
    }

    private static Flux<Void> send(HttpServerResponse response, HttpResponseStatus status, String type, String body) {
        return Flux.from(response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, type)
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .sendString(Mono.just(body)));
    }

    private static boolean namesLoopback(HttpServerRequest request) {
        String host = request.requestHeaders().get(HttpHeaderNames.HOST, "");
        int colon = host.lastIndexOf(':');
        String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        String bare = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        return new HostPort(bare, 0).isLoopback();
    }
}
