package io.pgnetty.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.pgnetty.bridge.Health;
import io.pgnetty.metrics.Meters;
import io.pgnetty.web.Page;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** {@code /livez}, {@code /readyz} and {@code /metrics}, and the page where there is one. */
final class Pages {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Health health;
    private final Meters meters;
    private final @Nullable Page page;

    /** @param page null where there is none */
    Pages(Health health, Meters meters, @Nullable Page page) {
        this.health = health;
        this.meters = meters;
        this.page = page;
    }

    /** Answers a request that is admitted. */
    Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response, String path) {
        HttpHeaders headers = request.requestHeaders();
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                || !headers.get(HttpHeaderNames.CONTENT_LENGTH, "0").equals("0")) {
            // Nothing here takes a body: it is not read, and its connection ends.
            return text(
                    response.keepAlive(false),
                    HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                    "request bodies are not accepted\n");
        }
        if (page != null && page.has(path)) {
            return page.answer(request, response, path);
        }
        String method = request.method().name();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return text(
                    response.header(HttpHeaderNames.ALLOW, "GET, HEAD"),
                    HttpResponseStatus.METHOD_NOT_ALLOWED,
                    "only GET and HEAD are allowed\n");
        }
        return probe(request, response, path);
    }

    private Publisher<Void> probe(HttpServerRequest request, HttpServerResponse response, String path) {
        return switch (path) {
            case "/livez" ->
                health.state() == Health.State.BROKEN
                        ? text(response, HttpResponseStatus.INTERNAL_SERVER_ERROR, "broken\n")
                        : text(response, HttpResponseStatus.OK, "ok\n");
            case "/readyz" -> ready(response);
            case "/metrics" -> metrics(request, response);
            case "/" -> text(response, HttpResponseStatus.OK, "pgnetty: /livez /readyz /metrics\n");
            default ->
                text(response, HttpResponseStatus.NOT_FOUND, "not found; the pages are /livez /readyz /metrics\n");
        };
    }

    private Flux<Void> ready(HttpServerResponse response) {
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

    private Flux<Void> metrics(HttpServerRequest request, HttpServerResponse response) {
        String accept = request.requestHeaders().get(HttpHeaderNames.ACCEPT, "");
        String type = accept.contains("application/openmetrics-text")
                ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : "text/plain; version=0.0.4; charset=utf-8";
        return send(response, HttpResponseStatus.OK, type, meters.scrape(type));
    }

    static Flux<Void> text(HttpServerResponse response, HttpResponseStatus status, String body) {
        return send(response, status, TEXT, body);
    }

    private static Flux<Void> send(HttpServerResponse response, HttpResponseStatus status, String type, String body) {
        return Flux.from(response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, type)
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .sendString(Mono.just(body)));
    }
}
