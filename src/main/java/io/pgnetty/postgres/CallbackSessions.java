package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;

/**
 * Sessions of {@code --callback-url}: each for one function of somebody's, as a role that may do nothing else, and closed afterwards. So
 * what the function leaves behind, such as another role, a setting, a lock or a LISTEN, is gone with it.
 */
public final class CallbackSessions {

    /** What a function may take: the statement's time limit. */
    public static final Duration LIMIT = Duration.ofSeconds(10);

    /** It may catch the server's cancellation, and go on: then its session is ended. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private static final Map<String, String> SETTINGS = Map.of(
            "statement_timeout", String.valueOf(LIMIT.toMillis()),
            "idle_in_transaction_session_timeout", String.valueOf(LIMIT.toMillis()),
            "client_min_messages", "error");

    private final Connector connector;
    /** Connects when asked to. */
    public CallbackSessions(DatabaseUrl url) {
        this.connector = new Connector(url, SETTINGS, 0);
    }

    /**
     * A session.
     *
     * @param problem why it is not for functions of others
     */
    record Self(int process, String role, String database, Optional<String> problem) {}

    /** Who a session is; errors with {@link NotReadyException} where that is no role to run functions of others as. */
    Mono<Self> self() {
        return Mono.usingWhen(connector.create(), this::self, CallbackSessions::close);
    }

    /**
     * Runs a statement of one parameter.
     *
     * @return errors with the server's word; see {@link #wasNotRun}
     */
    public Mono<Void> call(String statement, long id) {
        return Mono.usingWhen(
                connector.create(),
                connection -> self(connection).flatMap(self -> watched(connection, self, statement, id)),
                CallbackSessions::close);
    }

    /** Whether the error says that there was no session to run it in. */
    public static boolean wasNotRun(Throwable error) {
        return error instanceof ConnectFailure || error instanceof NotReadyException;
    }

    private Mono<Self> self(PostgresqlConnection connection) {
        return connection
                .createStatement(Sql.statement("callback_session"))
                .execute()
                .concatMap(result -> result.map(row -> new Self(
                        Rows.present(row, "process", Integer.class),
                        Rows.present(row, "role", String.class),
                        Rows.present(row, "database", String.class),
                        Optional.ofNullable(row.get("problem", String.class)))))
                .next()
                .flatMap(self -> self.problem()
                        .<Mono<Self>>map(problem -> Mono.error(new NotReadyException("the role of --callback-url, \""
                                + self.role() + "\", " + problem + ": functions of others are not run as that role")))
                        .orElse(Mono.just(self)));
    }

    /** Ended from outside where it does not end by itself: a query under way is not cancelled by us. */
    private Mono<Void> watched(PostgresqlConnection connection, Self self, String statement, long id) {
        Sinks.Empty<Void> ended = Sinks.empty();
        AtomicBoolean isLate = new AtomicBoolean();
        Mono<Void> run = connection
                .createStatement(statement)
                .bind(0, id)
                .execute()
                .concatMap(result -> result.map(row -> 0))
                .then()
                .doFinally(signal -> ended.tryEmitEmpty());
        Mono<Void> watch = Mono.delay(LIMIT.plus(GRACE))
                .takeUntilOther(ended.asMono())
                .doOnNext(tick -> isLate.set(true))
                .flatMap(tick -> end(self.process()));
        return Flux.mergeDelayError(2, run, watch)
                .then()
                .onErrorMap(
                        error -> isLate.get(),
                        error -> new IllegalStateException("it went on beyond its time limit of " + LIMIT.toSeconds()
                                + " s, and its session was ended"));
    }

    private Mono<Void> end(int process) {
        return Mono.usingWhen(
                        connector.create(),
                        connection -> connection
                                .createStatement(Sql.statement("callback_end"))
                                .bind(0, process)
                                .execute()
                                .concatMap(result -> result.map(row -> 0))
                                .then(),
                        CallbackSessions::close)
                .retryWhen(Retry.backoff(10, Duration.ofMillis(200)));
    }

    private static Mono<Void> close(PostgresqlConnection connection) {
        return Sessions.close(connection);
    }
}
