package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
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

    /** Ends a session from outside. */
    @FunctionalInterface
    public interface Ending {
        /** Ends that process of that role; errors where it may not. */
        Mono<Void> end(int process, String role);
    }

    private final Connector connector;
    /** Connects when asked to. */
    public CallbackSessions(DatabaseUrl url) {
        this.connector = new Connector(url, settings(), 0);
    }

    /** What a function may have set for its role, with alter role, holds for none of these. */
    private static Map<String, String> settings() {
        Map<String, String> settings = Connections.ours();
        settings.put("statement_timeout", String.valueOf(LIMIT.toMillis()));
        settings.put("lock_timeout", "0");
        settings.put("idle_in_transaction_session_timeout", String.valueOf(LIMIT.toMillis()));
        settings.put("default_transaction_read_only", "off");
        settings.put("default_transaction_deferrable", "off");
        settings.put("client_min_messages", "error");
        return settings;
    }

    /**
     * A session.
     *
     * @param problem why it is not for functions of others
     */
    record SessionInfo(int process, String role, String database, Optional<String> problem) {}

    /** Who a session is; errors with {@link NotReadyException} where that is no role to run functions of others as. */
    Mono<SessionInfo> self() {
        return Mono.usingWhen(connector.create(), this::self, Sessions::close);
    }

    /**
     * Runs a statement of one parameter.
     *
     * @param ending ends its session where the function does not end in time
     * @return errors with the server's word; see {@link #isBlameless}
     */
    public Mono<Void> call(String statement, long id, Ending ending) {
        return Mono.usingWhen(
                connector.create(),
                connection -> self(connection)
                        .flatMap(self -> watched(
                                run(connection, statement, id),
                                () -> ending.end(self.process(), self.role()).onErrorResume(error -> end(self)))),
                Sessions::close);
    }

    /** Whether there was no session to run it in. */
    public static boolean hadNoSession(Throwable error) {
        return error instanceof ConnectFailure || error instanceof NotReadyException;
    }

    /** Whether it has not run to its end through no fault of its own: there was no session, or somebody has ended that. */
    public static boolean isBlameless(Throwable error) {
        return hadNoSession(error) || DatabaseFailure.wasEnded(error);
    }

    private Mono<SessionInfo> self(PostgresqlConnection connection) {
        return connection
                .createStatement(Sql.statement("callback_session"))
                .execute()
                .concatMap(result -> result.map(row -> new SessionInfo(
                        Rows.present(row, "process", Integer.class),
                        Rows.present(row, "role", String.class),
                        Rows.present(row, "database", String.class),
                        Optional.ofNullable(row.get("problem", String.class)))))
                .single()
                .flatMap(self -> self.problem()
                        .<Mono<SessionInfo>>map(problem ->
                                Mono.error(new NotReadyException("the role of --callback-url, \"" + self.role() + "\", "
                                        + problem + ": functions of others are not run as that role")))
                        .orElse(Mono.just(self)));
    }

    private static Mono<Void> run(PostgresqlConnection connection, String statement, long id) {
        return connection
                .createStatement(statement)
                .bind(0, id)
                .execute()
                .concatMap(result -> result.map(row -> 0))
                .then();
    }

    /** Ended from outside where it does not end in time: a query under way is not cancelled by us. */
    private static Mono<Void> watched(Mono<Void> call, Supplier<Mono<Void>> end) {
        Sinks.Empty<Void> ended = Sinks.empty();
        AtomicBoolean isLate = new AtomicBoolean();
        Mono<Void> watch = Mono.delay(LIMIT.plus(GRACE))
                .takeUntilOther(ended.asMono())
                .doOnNext(tick -> isLate.set(true))
                .flatMap(tick -> Mono.defer(end)
                        .retryWhen(Retry.backoff(10, Duration.ofMillis(200)).maxBackoff(Duration.ofSeconds(1))));
        return Flux.mergeDelayError(2, call.doFinally(signal -> ended.tryEmitEmpty()), watch)
                .then()
                .onErrorMap(
                        error -> isLate.get(),
                        error -> new IllegalStateException("it went on beyond its time limit of " + LIMIT.toSeconds()
                                + " s, and its session was ended"));
    }

    /** As its own role, where the bridge's may not. A function that ends all sessions of that role may be faster. */
    private Mono<Void> end(SessionInfo self) {
        return Mono.usingWhen(
                connector.create(),
                connection -> connection
                        .createStatement(Sql.statement("callback_end"))
                        .bind(0, self.process())
                        .bind(1, self.role())
                        .execute()
                        .concatMap(result -> result.map(row -> 0))
                        .then(),
                Sessions::close);
    }
}
