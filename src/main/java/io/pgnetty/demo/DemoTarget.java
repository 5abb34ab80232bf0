package io.pgnetty.demo;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** An HTTP server on this machine to send to: it answers with what it was sent, as JSON, or as its path says. */
final class DemoTarget {

    private static final Pattern PATH =
            Pattern.compile("/(status|delay|flaky|bytes)/(\\d{1,9}(?:[.]\\d{1,3})?)(?:[/?].*)?");
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MAX_BYTES = 100 << 20;
    private static final int CHUNK = 64 << 10;
    private static final int MAX_COUNTED = 10_000;

    /** How often a path of /flaky has failed since it answered. */
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();

    private DemoTarget() {}

    static Mono<? extends DisposableServer> start(int port) {
        DemoTarget target = new DemoTarget();
        return HttpServer.create()
                .host("127.0.0.1")
                .port(port)
                .handle((request, response) -> request.receive()
                        .aggregate()
                        .asByteArray()
                        .defaultIfEmpty(new byte[0])
                        .flatMap(body -> Mono.from(target.answer(request, response, body))))
                .bind();
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response, byte[] body) {
        Matcher path = PATH.matcher(request.uri());
        String what = path.matches() ? path.group(1) : "echo";
        double number = path.matches() ? Double.parseDouble(path.group(2)) : 0;
        String echo = echo(request, body);
        return switch (what) {
            case "status" -> status(response, (int) number, echo);
            case "delay" ->
                Mono.delay(Duration.ofMillis((long) (number * 1000))).then(json(response, echo));
            case "flaky" ->
                failures.size() < MAX_COUNTED && failures.merge(request.uri(), 1, Integer::sum) <= number
                        ? status(response, HttpResponseStatus.SERVICE_UNAVAILABLE.code(), echo)
                        : recovered(request.uri(), response, echo);
            case "bytes" -> bytes(response, (int) Math.min(number, MAX_BYTES));
            default -> json(response, echo);
        };
    }

    private Mono<Void> recovered(String uri, HttpServerResponse response, String echo) {
        failures.remove(uri);
        return json(response, echo);
    }

    private static Mono<Void> status(HttpServerResponse response, int code, String echo) {
        if (code < 200 || code > 599) {
            return json(response.status(HttpResponseStatus.BAD_REQUEST), "{\"error\": \"a status from 200 to 599\"}");
        }
        boolean hasBody =
                code != HttpResponseStatus.NO_CONTENT.code() && code != HttpResponseStatus.NOT_MODIFIED.code();
        return hasBody
                ? json(response.status(code), echo)
                : response.status(code).send();
    }

    private static Mono<Void> json(HttpServerResponse response, String text) {
        return response.header("Content-Type", "application/json")
                .sendString(Mono.just(text))
                .then();
    }

    private static Mono<Void> bytes(HttpServerResponse response, int count) {
        byte[] chunk = new byte[CHUNK];
        return response.header("Content-Type", "application/octet-stream")
                .header("Content-Length", String.valueOf(count))
                .sendByteArray(Flux.range(0, (count + CHUNK - 1) / CHUNK)
                        .map(i -> Arrays.copyOf(chunk, Math.min(CHUNK, count - i * CHUNK))))
                .then();
    }

    private static String echo(HttpServerRequest request, byte[] body) {
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("method", request.method().name());
        seen.put("uri", request.uri());
        Map<String, String> headers = new LinkedHashMap<>();
        request.requestHeaders().forEach(header -> headers.put(header.getKey(), header.getValue()));
        seen.put("headers", headers);
        seen.put("body", new String(body, StandardCharsets.UTF_8));
        return JSON.writeValueAsString(seen);
    }
}
