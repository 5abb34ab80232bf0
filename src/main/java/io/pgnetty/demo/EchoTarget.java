package io.pgnetty.demo;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import tools.jackson.databind.json.JsonMapper;

/** An HTTP server on this machine that answers with what it was sent, as JSON. */
final class EchoTarget {

    private static final JsonMapper JSON = JsonMapper.shared();

    private EchoTarget() {}

    static Mono<? extends DisposableServer> start(int port) {
        return HttpServer.create()
                .host("127.0.0.1")
                .port(port)
                .handle((request, response) -> request.receive()
                        .aggregate()
                        .asByteArray()
                        .defaultIfEmpty(new byte[0])
                        .flatMap(body -> response.header("Content-Type", "application/json")
                                .sendString(Mono.just(echo(request, body)))
                                .then()))
                .bind();
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
