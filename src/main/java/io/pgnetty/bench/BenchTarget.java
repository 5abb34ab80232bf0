package io.pgnetty.bench;

import java.util.List;
import java.util.stream.IntStream;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** A target on this machine that answers with what it was sent; several ports, as each host has a limited number of slots. */
final class BenchTarget implements AutoCloseable {

    private final LoopResources loop = LoopResources.create("bench-target", 1, true);
    private final List<DisposableServer> servers;

    /** Opens this number of ports, for HTTP/2 over TLS or for HTTP/1.1. */
    BenchTarget(int ports, boolean http2) {
        HttpServer server = http2 ? BenchTls.served(HttpServer.create()) : HttpServer.create();
        servers = IntStream.range(0, ports).mapToObj(i -> start(server)).toList();
    }

    List<Integer> ports() {
        return servers.stream().map(DisposableServer::port).toList();
    }

    private DisposableServer start(HttpServer server) {
        return server.runOn(loop)
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> response.header("Content-Type", "application/json")
                        .header(
                                "Content-Length",
                                String.valueOf(request.requestHeaders().get("Content-Length", "0")))
                        .send(request.receive().retain()))
                .bindNow();
    }

    @Override
    public void close() {
        servers.forEach(DisposableServer::disposeNow);
        loop.dispose();
    }
}
