package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
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
import java.util.function.BooleanSupplier;
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
 * LISTEN and the idle lock, on one connection that runs nothing else but pings, so that both end together. A notification says
 * only "poll": notifications can be lost, so each new connection is a signal to poll as well. Reconnects automatically, with backoff
 * and jitter, while subscribed to.
 */
public final class Notifications {

    /** An idle connection dies silently behind NAT and load balancers. */
    private static final Duration PING = Duration.ofSeconds(5);

    /** One ping in so many is sent while the bridge rests: still before a firewall forgets the connection. */
    private static final int RESTING = 6;

    /** What the bridge has to do. */
    public enum Signal {
        /** Poll the queue. */
        POLL,
        /** Send a heartbeat: it tells of restarts, of changed rules, of a new schema, and of a leader that is missing. */
        CONTROL,
        /** The connection is lost, and the idle lock with it. */
        LOST,
        /** There is a new connection: everything may have changed, even the database behind the name. */
        CONNECTED
    }

    private final Connector connector;
    private final LoginGate gate = new LoginGate();
    private final UUID bridge;
    private final Events events;
    private final Duration maxBackoff;
    private volatile BooleanSupplier isResting = () -> false;
    private final Sinks.Many<Boolean> reconnects = Sinks.many().multicast().directBestEffort();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicReference<@Nullable PostgresqlConnection> current = new AtomicReference<>();

    /**
     * Connects when subscribed to.
     *
     * @param bridge this bridge
     * @param maxBackoff longest pause between two attempts to connect
     */
    public Notifications(DatabaseUrl url, UUID bridge, Duration maxBackoff, Events events) {
        Sql.load();
        this.connector = Connections.unbounded(url);
        this.bridge = bridge;
        this.maxBackoff = maxBackoff;
        this.events = events;
    }

    /** The signals. Never completes and never errors; a slow subscriber gets the latest one. */
    public Flux<Signal> signals() {
        RetryBackoffSpec again = Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(100))
                .maxBackoff(maxBackoff)
                .jitter(0.5)
                .transientErrors(true)
                .doBeforeRetry(signal ->
                        events.emit(new Event.ListenLost(DatabaseFailure.reason(signal.failure()), maxBackoff)));
        return Flux.usingWhen(
                        gate.through(connector.create()),
                        this::listen,
                        connection -> connection.close().onErrorComplete())
                .onErrorResume(error -> Flux.just(Signal.LOST).concatWith(Flux.error(error)))
                .retryWhen(again)
                .onBackpressureLatest();
    }

    /** Of the pings fewer are sent while that is so. */
    public void pingRarelyWhile(BooleanSupplier resting) {
        isResting = resting;
    }

    /** Closes the connection and makes a new one. */
    public void reconnect() {
        reconnects.tryEmitNext(true);
    }

    /**
     * Asks for the idle lock, and waits for it for 50 ms at most. From now on senders notify; when the lock is granted, all
     * transactions that did not notify have ended.
     *
     * @return whether it was granted; never errors
     */
    public Mono<Boolean> ask() {
        return onConnection(connection -> rows(connection, "take_idle_lock", statement -> {}, row -> 0)
                .then(Mono.just(true))
                .onErrorResume(DatabaseFailure::slow, waited -> Mono.just(false))
                // Whether it was granted is unknown: without the connection it is not.
                .onErrorResume(error -> connection.close().onErrorComplete().thenReturn(false)));
    }

    /** Releases the idle lock; closes the connection if that fails. Never errors. */
    public Mono<Void> release() {
        return onConnection(connection -> rows(connection, "release_idle_lock", statement -> {}, row -> 0)
                        .then(Mono.just(true))
                        .onErrorResume(
                                error -> connection.close().onErrorComplete().thenReturn(false)))
                .then();
    }

    /**
     * Checks who holds the idle lock, and ends sessions that bridges have left behind.
     *
     * @param leadership a bridge that has not been seen for this time has left its session behind
     * @return role and process id of a session that is not a bridge's, which the DBA has to decide about; empty if there is none
     */
    public Mono<Optional<String>> stranger(Duration leadership) {
        return Mono.justOrEmpty(current.get())
                .flatMapMany(connection -> rows(
                        connection,
                        "idle_lock_holders",
                        statement -> statement.bind(0, bridge).bind(1, Rows.interval(leadership)),
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

    private Flux<Signal> listen(PostgresqlConnection connection) {
        Flux<Signal> notifications = connection
                .getNotifications()
                .onBackpressureLatest()
                .map(Notifications::signal)
                .doOnNext(signal -> events.emit(new Event.Notified()));
        Flux<Signal> listening = silently(connection, "listen_session", statement -> statement.bind(0, bridge))
                .concatWith(silently(connection, "listen", statement -> {}))
                .concatWith(Mono.fromSupplier(() -> {
                    current.set(connection);
                    events.emit(new Event.Listening(connections.incrementAndGet()));
                    return Signal.CONNECTED;
                }));
        Flux<Signal> lost = Flux.error(() -> new R2dbcNonTransientResourceException("connection closed"));
        Flux<Signal> pings = Flux.interval(PING)
                .onBackpressureDrop()
                .filter(tick -> tick % RESTING == 0 || !isResting.getAsBoolean())
                .concatMap(tick -> silently(connection, "ping", statement -> {}));
        Flux<Signal> asked =
                reconnects.asFlux().concatMap(given -> connection.close().thenMany(lost));
        // Subscribed to before LISTEN, so that nothing falls between.
        return Flux.merge(notifications.concatWith(lost), listening.concatWith(pings), asked)
                .doFinally(signal -> current.compareAndSet(connection, null));
    }

    /** Runs a statement for its end alone. */
    private static Flux<Signal> silently(PostgresqlConnection connection, String name, Consumer<Statement> bind) {
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

    private static Signal signal(Notification notification) {
        return "control".equals(notification.getParameter()) ? Signal.CONTROL : Signal.POLL;
    }
}
