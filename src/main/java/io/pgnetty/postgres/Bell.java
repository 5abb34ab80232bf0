package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.Notification;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

/**
 * LISTEN on a connection that runs nothing else but pings. A ring says only "look": notifications may be lost, so every
 * (re)connection rings too. Comes back by itself, with backoff and jitter, for as long as it is subscribed.
 */
public final class Bell {

    /** An idle connection dies silently behind NAT and load balancers. */
    private static final Duration PING = Duration.ofSeconds(5);

    /** TCP, TLS and login together. */
    private static final Duration CONNECT = Duration.ofSeconds(15);

    /** What a ring asks for. */
    public enum Ring {
        /** Look at the queue. */
        LOOK,
        /** Look at {@code net.bridge_control}. */
        CONTROL,
        /** A new connection: everything may have changed, even the database behind the name. */
        CONNECTED
    }

    private final PostgresqlConnectionFactory factory;
    private final Events events;
    private final Duration maxBackoff;
    private final Sinks.Many<Boolean> reconnects = Sinks.many().multicast().directBestEffort();
    private final AtomicLong connections = new AtomicLong();

    /**
     * Connects when subscribed to.
     *
     * @param maxBackoff longest pause between two attempts to connect
     */
    public Bell(DatabaseUrl url, Duration maxBackoff, Events events) {
        Sql.load();
        this.factory = Connections.plain(url);
        this.maxBackoff = maxBackoff;
        this.events = events;
    }

    /** The rings, without end and without error; a slow subscriber gets the latest. */
    public Flux<Ring> rings() {
        RetryBackoffSpec again = Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(100))
                .maxBackoff(maxBackoff)
                .jitter(0.5)
                .transientErrors(true)
                .doBeforeRetry(signal ->
                        events.emit(new Event.ListenLost(DatabaseFailure.reason(signal.failure()), maxBackoff)));
        return Flux.usingWhen(
                        factory.create().timeout(CONNECT),
                        this::listen,
                        connection -> connection.close().onErrorComplete())
                .retryWhen(again)
                .onBackpressureLatest();
    }

    /** Gives the connection up and makes a new one. */
    public void reconnect() {
        reconnects.tryEmitNext(true);
    }

    private Flux<Ring> listen(PostgresqlConnection connection) {
        Flux<Ring> notifications =
                connection.getNotifications().onBackpressureLatest().map(Bell::ring);
        Flux<Ring> listening = statement(connection, "listen").concatWith(Mono.fromSupplier(() -> {
            events.emit(new Event.Listening(connections.incrementAndGet()));
            return Ring.CONNECTED;
        }));
        Flux<Ring> lost = Flux.error(() -> new R2dbcNonTransientResourceException("connection closed"));
        Flux<Ring> pings = Flux.interval(PING).onBackpressureDrop().concatMap(tick -> statement(connection, "ping"));
        Flux<Ring> asked =
                reconnects.asFlux().concatMap(given -> connection.close().thenMany(lost));
        // Subscribed to before LISTEN, so that nothing falls between.
        return Flux.merge(notifications.concatWith(lost), listening.concatWith(pings), asked)
                .doOnNext(ring -> events.emit(new Event.Notified()));
    }

    /** Runs a statement for its end alone. One that does not end in time closes the connection, which ends its notifications. */
    private static Flux<Ring> statement(PostgresqlConnection connection, String name) {
        return Flux.defer(() -> {
            Disposable watchdog = Schedulers.parallel()
                    .schedule(() -> connection.close().subscribe(), PING.toMillis(), TimeUnit.MILLISECONDS);
            return connection
                    .createStatement(Sql.statement(name))
                    .execute()
                    .concatMap(result -> result.map(row -> row))
                    .thenMany(Flux.<Ring>empty())
                    .doFinally(signal -> watchdog.dispose());
        });
    }

    private static Ring ring(Notification notification) {
        return "control".equals(notification.getParameter()) ? Ring.CONTROL : Ring.LOOK;
    }
}
