package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.Notification;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

/**
 * The bell: LISTEN, and the lock under which senders need not ring, both on one connection that runs nothing else but pings,
 * so that they die together. A ring says only "look": notifications may be lost, so every (re)connection rings too. Comes back
 * by itself, with backoff and jitter, for as long as it is subscribed.
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
        /** Look at {@code net.bridge_control}, and whether somebody must go on duty. */
        CONTROL,
        /** The connection is lost, and the lock with it. */
        LOST,
        /** A new connection: everything may have changed, even the database behind the name. */
        CONNECTED
    }

    private final PostgresqlConnectionFactory factory;
    private final UUID replica;
    private final Events events;
    private final Duration maxBackoff;
    private final Sinks.Many<Boolean> reconnects = Sinks.many().multicast().directBestEffort();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicReference<@Nullable PostgresqlConnection> current = new AtomicReference<>();

    /**
     * Connects when subscribed to.
     *
     * @param replica this bridge
     * @param maxBackoff longest pause between two attempts to connect
     */
    public Bell(DatabaseUrl url, UUID replica, Duration maxBackoff, Events events) {
        Sql.load();
        this.factory = Connections.unbounded(url);
        this.replica = replica;
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
                .onErrorResume(error -> Flux.just(Ring.LOST).concatWith(Flux.error(error)))
                .retryWhen(again)
                .onBackpressureLatest();
    }

    /** Gives the connection up and makes a new one. */
    public void reconnect() {
        reconnects.tryEmitNext(true);
    }

    /**
     * Asks for the bell's lock, and waits for it a moment. When it is granted, all who queued without a ring have ended, and
     * from the asking on everybody rings.
     *
     * @return whether it was granted; never errors
     */
    public Mono<Boolean> ask() {
        return onConnection(connection -> rows(connection, "bell_ask", statement -> {}, row -> 0)
                .then(Mono.just(true))
                .onErrorResume(DatabaseFailure::slow, waited -> Mono.just(false))
                // Whether it was granted is unknown: without the connection it is not.
                .onErrorResume(error -> connection.close().onErrorComplete().thenReturn(false)));
    }

    /** Gives the lock up; where that fails, the connection with it. Never errors. */
    public Mono<Void> release() {
        return onConnection(connection -> rows(connection, "bell_release", statement -> {}, row -> 0)
                        .then(Mono.just(true))
                        .onErrorResume(
                                error -> connection.close().onErrorComplete().thenReturn(false)))
                .then();
    }

    /**
     * Who holds the lock against this bridge; sessions that bridges have left behind are ended.
     *
     * @param duty the session of a bridge that has not been seen for so long is one of those
     * @return a stranger by role and process id, the lock's last word being with the DBA; empty when there is none
     */
    public Mono<Optional<String>> stranger(Duration duty) {
        return Mono.justOrEmpty(current.get())
                .flatMapMany(connection -> rows(
                        connection,
                        "bell_holders",
                        statement -> statement.bind(0, replica).bind(1, Rows.interval(duty)),
                        row -> Rows.present(row, "ours", Boolean.class)
                                ? Optional.<String>empty()
                                : Optional.of("role " + row.get("role", String.class) + ", process "
                                        + row.get("pid", Integer.class))))
                .collectList()
                .map(holders -> holders.stream().flatMap(Optional::stream).findFirst());
    }

    private Mono<Boolean> onConnection(Function<PostgresqlConnection, Mono<Boolean>> work) {
        return Mono.defer(() -> Mono.justOrEmpty(current.get())).flatMap(work).defaultIfEmpty(false);
    }

    private Flux<Ring> listen(PostgresqlConnection connection) {
        Flux<Ring> notifications = connection
                .getNotifications()
                .onBackpressureLatest()
                .map(Bell::ring)
                .doOnNext(ring -> events.emit(new Event.Notified()));
        Flux<Ring> listening = silently(connection, "bell_session", statement -> statement.bind(0, replica))
                .concatWith(silently(connection, "listen", statement -> {}))
                .concatWith(Mono.fromSupplier(() -> {
                    current.set(connection);
                    events.emit(new Event.Listening(connections.incrementAndGet()));
                    return Ring.CONNECTED;
                }));
        Flux<Ring> lost = Flux.error(() -> new R2dbcNonTransientResourceException("connection closed"));
        Flux<Ring> pings = Flux.interval(PING)
                .onBackpressureDrop()
                .concatMap(tick -> silently(connection, "ping", statement -> {}));
        Flux<Ring> asked =
                reconnects.asFlux().concatMap(given -> connection.close().thenMany(lost));
        // Subscribed to before LISTEN, so that nothing falls between.
        return Flux.merge(notifications.concatWith(lost), listening.concatWith(pings), asked)
                .doFinally(signal -> current.compareAndSet(connection, null));
    }

    /** Runs a statement for its end alone. */
    private static Flux<Ring> silently(PostgresqlConnection connection, String name, Consumer<Statement> bind) {
        return rows(connection, name, bind, row -> 0).thenMany(Flux.empty());
    }

    /** Runs a statement. One that does not end in time closes the connection, which ends its notifications. */
    private static <T> Flux<T> rows(
            PostgresqlConnection connection, String name, Consumer<Statement> bind, Function<Readable, T> map) {
        return Flux.defer(() -> {
            Disposable watchdog = Schedulers.parallel()
                    .schedule(() -> connection.close().subscribe(), PING.toMillis(), TimeUnit.MILLISECONDS);
            Statement statement = connection.createStatement(Sql.statement(name));
            bind.accept(statement);
            return Flux.from(statement.execute())
                    .concatMap(result -> result.map(map))
                    .collectList()
                    .flatMapIterable((List<T> list) -> list)
                    .doFinally(signal -> watchdog.dispose());
        });
    }

    private static Ring ring(Notification notification) {
        return "control".equals(notification.getParameter()) ? Ring.CONTROL : Ring.LOOK;
    }
}
