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
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Exceptions;
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

    private static final String NOT_HEARD = "LISTEN brings no notifications. " + DatabaseFailure.TRANSACTION_POOLER
            + ". Or --listen-url leads to another database than --url";

    /** How often another session notifies before that is believed: a server may be slow, and a pool still be with an old primary. */
    private static final int CHECKS = 3;

    private final Connector connector;
    private final Database others;
    private final String place;
    private final LoginGate gate = new LoginGate();
    private final UUID bridge;
    private final Events events;
    private final Duration maxBackoff;
    private volatile BooleanSupplier isResting = () -> false;
    private final Sinks.Many<Signal> losses = Sinks.many().multicast().directBestEffort();
    private final Sinks.Many<Boolean> reconnects = Sinks.many().multicast().directBestEffort();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicReference<@Nullable PostgresqlConnection> current = new AtomicReference<>();

    /**
     * Connects when subscribed to.
     *
     * @param others other sessions of the same database, to see whether what they notify arrives
     * @param bridge this bridge
     * @param maxBackoff longest pause between two attempts to connect
     */
    public Notifications(DatabaseUrl url, Database others, UUID bridge, Duration maxBackoff, Events events) {
        Sql.load();
        this.connector = Connections.unbounded(url);
        this.others = others;
        this.place = url.place();
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
                .doBeforeRetry(signal -> {
                    losses.tryEmitNext(Signal.LOST);
                    events.emit(new Event.ListenLost(DatabaseFailure.reason(signal.failure()), maxBackoff));
                });
        Flux<Signal> connected = Flux.usingWhen(
                        gate.through(connector.create()),
                        this::listen,
                        connection -> connection.close().onErrorComplete())
                .retryWhen(again);
        // Beside it: what goes through it counts as a success, after which the pauses are short again.
        return Flux.merge(losses.asFlux(), connected).onBackpressureLatest();
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
        Sinks.Empty<Void> heard = Sinks.empty();
        Flux<Signal> notifications = connection
                .getNotifications()
                .filter(notification -> !isCheck(notification, heard))
                .onBackpressureLatest()
                .map(Notifications::signal)
                .doOnNext(signal -> events.emit(new Event.Notified()));
        // What it sets comes after it is certain that the session is ours.
        Flux<Signal> listening = silently(connection, "listen", statement -> {})
                .concatWith(checked(connection, heard))
                .concatWith(silently(connection, "listen_session", statement -> statement.bind(0, bridge)))
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

    /** Completes when a notification of another session has arrived. Where none can be sent, that is waited for: this session may be good. */
    private Flux<Signal> checked(PostgresqlConnection connection, Sinks.Empty<Void> heard) {
        return others.list("check_listen", statement -> statement.bind(0, bridge), row -> 0)
                .retryWhen(Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(100)).maxBackoff(maxBackoff))
                .then(heard.asMono().timeout(PING))
                .retryWhen(Retry.max(CHECKS - 1L).filter(TimeoutException.class::isInstance))
                .onErrorResume(
                        Exceptions::isRetryExhausted,
                        error -> silently(connection, "unlisten", statement -> {})
                                .then(Mono.error(new ConnectFailure(place + ": " + NOT_HEARD))))
                .thenMany(Flux.empty());
    }

    /** Notes that one arrived that this bridge has sent; what other bridges check is no work for this one. */
    private boolean isCheck(Notification notification, Sinks.Empty<Void> heard) {
        String payload = String.valueOf(notification.getParameter());
        if (payload.equals("check " + bridge)) {
            heard.tryEmitEmpty();
        }
        return payload.startsWith("check ");
    }

    /** Runs a statement for its end alone. */
    private Flux<Signal> silently(PostgresqlConnection connection, String name, Consumer<Statement> bind) {
        return rows(connection, name, bind, row -> 0).thenMany(Flux.empty());
    }

    /** Runs a statement. Where one does not end in time the server is frozen or cut off, and its other sessions hang as well. */
    private <T> Flux<T> rows(
            PostgresqlConnection connection, String name, Consumer<Statement> bind, Function<Readable, T> map) {
        return Flux.defer(() -> {
            Disposable watchdog =
                    Schedulers.parallel().schedule(() -> abandon(connection), PING.toMillis(), TimeUnit.MILLISECONDS);
            Statement statement = connection.createStatement(Sql.statement(name));
            bind.accept(statement);
            return Flux.from(statement.execute())
                    .concatMap(result -> result.map(map))
                    .collectList()
                    .flatMapIterable((List<T> list) -> list)
                    .doFinally(signal -> watchdog.dispose());
        });
    }

    private void abandon(PostgresqlConnection connection) {
        connector.suspectLast().ifPresent(others::abandon);
        connection.close().subscribe();
    }

    private static Signal signal(Notification notification) {
        return "control".equals(notification.getParameter()) ? Signal.CONTROL : Signal.POLL;
    }
}
