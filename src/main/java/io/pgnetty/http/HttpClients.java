package io.pgnetty.http;

import io.netty.channel.ChannelOption;
import io.pgnetty.http.names.Names;
import io.pgnetty.http.tls.TargetTls;
import io.pgnetty.http.tls.UnrecognizedName;
import io.pgnetty.http.wire.Http1Codec;
import io.pgnetty.http.wire.Http2Stream;
import io.pgnetty.http.wire.WriteFailures;
import java.time.Duration;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.Http2AllocationStrategy;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** The HTTP client and its connections, as all requests use them: no redirects and no retries of its own. */
final class HttpClients {

    /** Below the 5 s after which common servers drop an idle connection, so that we do so first. */
    private static final Duration MAX_IDLE = Duration.ofSeconds(4);

    private final Names names = Names.ofSystem();
    private final ConnectionProvider plainConnections;
    private final ConnectionProvider secureConnections;
    private final Pair plain;
    private final Pair secure;

    /**
     * The clients for one scheme.
     *
     * @param pooled uses connections again
     * @param fresh opens a connection for each request, for HTTP/1.1: of HTTP/2 the client library would share it
     */
    record Pair(HttpClient pooled, HttpClient fresh) {}

    /**
     * Opens nothing yet.
     *
     * @param concurrency connections at most, and requests that may wait for one
     * @param maxAge how long a connection is used again
     * @param guard is asked before each connection
     * @param tls what to add for https
     */
    HttpClients(int concurrency, Duration maxAge, EgressGuard guard, UnaryOperator<HttpClient> tls) {
        this.plainConnections = pool("pgnetty-http", concurrency, maxAge).build();
        // A connection that speaks HTTP/2 takes as many requests as its server allows before there is another.
        this.secureConnections = pool("pgnetty-https", concurrency, maxAge)
                .allocationStrategy(Http2AllocationStrategy.builder()
                        .minConnections(0)
                        .maxConnections(concurrency)
                        .strictConnectionReuse(true)
                        .build())
                .build();
        UnaryOperator<HttpClient> each = client -> names.usedBy(configured(client, guard));
        this.plain = new Pair(
                tls.apply(each.apply(HttpClient.create(plainConnections))),
                tls.apply(each.apply(HttpClient.newConnection())));
        TargetTls targetTls = TargetTls.ofSystem();
        UnaryOperator<HttpClient> safely = client -> tls.apply(targetTls.usedBy(each.apply(client)));
        this.secure = new Pair(
                safely.apply(HttpClient.create(secureConnections)
                        .protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                        .http2Settings(settings -> settings.maxHeaderListSize(Http1Codec.MAX_HEAD_BYTES))),
                safely.apply(HttpClient.newConnection()));
    }

    private static ConnectionProvider.Builder pool(String name, int concurrency, Duration maxAge) {
        return ConnectionProvider.builder(name)
                .maxConnections(concurrency)
                .pendingAcquireMaxCount(concurrency)
                .pendingAcquireTimeout(Duration.ofHours(1))
                .maxIdleTime(MAX_IDLE)
                .maxLifeTime(maxAge)
                .lifo()
                .evictInBackground(Duration.ofSeconds(1))
                .disposeInactivePoolsInBackground(Duration.ofSeconds(30), Duration.ofSeconds(30));
    }

    @SuppressWarnings("deprecation") // Nothing else keeps a channel readable when writing to it fails.
    private static HttpClient configured(HttpClient client, EgressGuard guard) {
        WriteFailures writeFailures = new WriteFailures();
        return client.disableRetry(true)
                .followRedirect(false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 60_000)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.AUTO_CLOSE, false)
                .resolvedAddressesSelector(
                        (clientConfig, addresses) -> CandidateAddress.mark(guard.reachable(addresses)))
                .doOnChannelInit((observer, channel, remote) -> channel.pipeline()
                        .addFirst(new UnrecognizedName())
                        .addFirst(guard)
                        .addFirst(writeFailures))
                // Set once: the pool runs these with the client that opened it, so the request comes by its context.
                .doOnResolve(connection -> RequestTimings.of(connection).ifPresent(RequestTimings::resolving))
                .doAfterResolve(
                        (connection, address) -> RequestTimings.of(connection).ifPresent(RequestTimings::resolved))
                .doOnConnected(connection -> {
                    Http1Codec.install(connection.channel());
                    Http2Stream.widen(connection.channel());
                });
    }

    /** The clients for a scheme. */
    Pair of(String scheme) {
        return scheme.equals("https") ? secure : plain;
    }

    /** Closes all connections. */
    Mono<Void> close() {
        names.close();
        // It waits for a lock of its scheduler's queue, which an event loop must not.
        return Mono.when(plainConnections.disposeLater(), secureConnections.disposeLater())
                .subscribeOn(Schedulers.boundedElastic());
    }
}
