package io.pgnetty.http;

import io.netty.channel.ChannelOption;
import io.netty.resolver.NoopAddressResolverGroup;
import io.pgnetty.config.Config;
import io.pgnetty.http.names.Names;
import io.pgnetty.http.secret.SecretStore;
import io.pgnetty.http.tls.TargetTls;
import io.pgnetty.http.tls.UnrecognizedName;
import io.pgnetty.http.wire.Http1Codec;
import io.pgnetty.http.wire.Http2Stream;
import io.pgnetty.http.wire.WriteFailures;
import io.pgnetty.observe.Events;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
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
    private final @Nullable ProxyTunnel proxy;
    private final ClientPair plain;
    private final SecureClients secure;

    /**
     * Opens nothing yet; reads files.
     *
     * @param secrets has the proxy's credentials
     * @param guard is asked before each connection
     * @param tls what to add for https
     * @throws IllegalArgumentException where a file for TLS is wrong
     */
    HttpClients(
            Config.Delivery delivery,
            Config.Targets targets,
            SecretStore secrets,
            EgressGuard guard,
            Events events,
            UnaryOperator<HttpClient> tls) {
        int concurrency = delivery.concurrency();
        Duration maxAge = delivery.connectionMaxAge();
        this.proxy = targets.proxy() == null ? null : new ProxyTunnel(targets.proxy(), secrets);
        boolean byName = targets.proxy() != null && targets.proxy().isTrusted();
        this.plainConnections = pool("pgnetty-http", concurrency, maxAge).build();
        // A connection that speaks HTTP/2 takes as many requests as its server allows before there is another.
        this.secureConnections = pool("pgnetty-https", concurrency, maxAge)
                .allocationStrategy(Http2AllocationStrategy.builder()
                        .minConnections(0)
                        .maxConnections(concurrency)
                        .strictConnectionReuse(true)
                        .build())
                .build();
        UnaryOperator<HttpClient> each = client -> byName
                ? configured(client, guard).resolver(NoopAddressResolverGroup.INSTANCE)
                : names.usedBy(configured(client, guard));
        this.plain = new ClientPair(
                tls.apply(each.apply(HttpClient.create(plainConnections))),
                tls.apply(each.apply(HttpClient.newConnection())));
        this.secure = new SecureClients(targets.tls(), targetTls -> secure(each, targetTls, tls), events);
    }

    private ClientPair secure(UnaryOperator<HttpClient> each, TargetTls targetTls, UnaryOperator<HttpClient> tls) {
        UnaryOperator<HttpClient> safely = client -> tls.apply(targetTls.usedBy(each.apply(client)));
        return new ClientPair(
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
    private HttpClient configured(HttpClient client, EgressGuard guard) {
        WriteFailures writeFailures = new WriteFailures();
        return client.disableRetry(true)
                .followRedirect(false)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 60_000)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.AUTO_CLOSE, false)
                .resolvedAddressesSelector(
                        (clientConfig, addresses) -> CandidateAddress.mark(guard.reachable(addresses)))
                .doOnChannelInit((observer, channel, remote) -> {
                    channel.pipeline()
                            .addFirst(new UnrecognizedName())
                            .addFirst(guard)
                            .addFirst(writeFailures);
                    if (proxy != null) {
                        proxy.install(channel);
                    }
                })
                // Set once: the pool runs these with the client that opened it, so the request comes by its context.
                .doOnResolve(connection -> RequestTimings.of(connection).ifPresent(RequestTimings::resolving))
                .doAfterResolve(
                        (connection, address) -> RequestTimings.of(connection).ifPresent(RequestTimings::resolved))
                .doOnConnected(connection -> {
                    Http1Codec.install(connection.channel());
                    Http2Stream.widen(connection.channel());
                });
    }

    /** The clients for a target. */
    ClientPair of(TargetUrl target) {
        return target.scheme().equals("https") ? secure.of(target.host()) : plain;
    }

    /** Closes all connections. */
    Mono<Void> close() {
        names.close();
        secure.close();
        // It waits for a lock of its scheduler's queue, which an event loop must not.
        return Mono.when(plainConnections.disposeLater(), secureConnections.disposeLater())
                .subscribeOn(Schedulers.boundedElastic());
    }
}
