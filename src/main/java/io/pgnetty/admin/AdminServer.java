package io.pgnetty.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.pgnetty.bridge.Health;
import io.pgnetty.config.Config;
import io.pgnetty.config.HostPort;
import io.pgnetty.metrics.Meters;
import io.pgnetty.web.Page;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Serves {@link Pages} over HTTP, to those whom {@link AdminAccess} admits. */
public final class AdminServer {

    private static final int MAX_LINE_BYTES = 4 << 10;
    private static final int MAX_HEAD_BYTES = 16 << 10;

    /** For all of a request once its head is there. */
    private static final Duration REQUEST = Duration.ofSeconds(10);

    private final DisposableServer server;
    private final @Nullable AdminTls tls;

    private AdminServer(DisposableServer server, @Nullable AdminTls tls) {
        this.server = server;
        this.tls = tls;
    }

    /**
     * Listens on {@code --admin}.
     *
     * @return errors when the address cannot be bound, or its certificate cannot be read
     */
    public static Mono<AdminServer> admin(Config.Admin config, Health health, Meters meters, Page page) {
        // Reads files.
        return Mono.fromCallable(() -> Optional.ofNullable(config.tls()).map(AdminTls::new))
                .flatMap(tls -> bind(
                        config.address(),
                        new Pages(health, meters, page),
                        AdminAccess.of(config, meters::adminDenied),
                        tls.orElse(null)));
    }

    /** Listens on an address for probes and scrapers on other machines, under whatever name they know it. */
    public static Mono<AdminServer> probes(HostPort address, Health health, Meters meters) {
        return bind(address, new Pages(health, meters, null), AdminAccess.open(), null);
    }

    private static Mono<AdminServer> bind(HostPort address, Pages pages, AdminAccess access, @Nullable AdminTls tls) {
        ConnectionLimits limits = new ConnectionLimits();
        return HttpServer.create()
                .host(address.host())
                .port(address.port())
                .httpRequestDecoder(
                        decoder -> decoder.maxInitialLineLength(MAX_LINE_BYTES).maxHeaderSize(MAX_HEAD_BYTES))
                .requestTimeout(REQUEST)
                .doOnChannelInit((observer, channel, remote) -> {
                    limits.watch(channel);
                    if (tls != null) {
                        tls.install(channel);
                    }
                })
                .handle((request, response) -> {
                    SecurityHeaders.add(response, tls != null);
                    String path = path(request);
                    return access.refusal(request, path)
                            .singleOptional()
                            .flatMapMany(refusal -> refusal.isPresent()
                                    ? Mono.delay(refusal.get().delay()).thenMany(refuse(response, refusal.get()))
                                    : pages.answer(request, response, path));
                })
                .bind()
                .map(server -> new AdminServer(server, tls));
    }

    private static String path(HttpServerRequest request) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    private static Publisher<Void> refuse(HttpServerResponse response, AdminAccess.Refusal refusal) {
        if (refusal.status().equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.header(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        return Pages.text(response, refusal.status(), refusal.text());
    }

    /** The port it listens on. */
    public int port() {
        return server.port();
    }

    /** Stops listening. */
    public Mono<Void> close() {
        if (tls != null) {
            tls.close();
        }
        server.dispose();
        return server.onDispose();
    }
}
