package io.pgnetty.junit;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.postgres.Connections;
import io.pgnetty.postgres.DatabaseFailure;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** What keeps one test from the next, in the database. */
final class Housekeeping {

    private static final int CONFLICTS = 9;
    // Read here, as the connections' threads may not.
    private static final String PATIENCE = Statements.statement("patience");
    private static final String BLOCKERS = Statements.statement("blockers");
    private static final String CLEAR_QUEUE = Statements.statement("clear_queue");
    private static final List<String> CLEAR_REST =
            List.of(Statements.statement("clear_rest").split(";"));
    private static final String SPARE_TARGET = Statements.statement("spare_target");
    private static final String FORGET_TARGET = Statements.statement("forget_target");

    private final DatabaseUrl url;

    Housekeeping(DatabaseUrl url) {
        this.url = url;
    }

    /** Drops all requests; those that are being sent are sent. */
    void clearQueue() {
        run(connection -> connection.createStatement(CLEAR_QUEUE).execute());
    }

    /** Drops everything else that tests leave in schema net, each table in a transaction of its own. */
    void clearRest() {
        run(connection -> Flux.fromIterable(CLEAR_REST)
                .concatMap(statement -> connection.createStatement(statement).execute()));
    }

    /** Keeps its circuit breaker closed. */
    void spare(String target) {
        run(connection ->
                connection.createStatement(SPARE_TARGET).bind("$1", target).execute());
    }

    /** Drops what {@link #spare} has set. */
    void forget(String target) {
        run(connection ->
                connection.createStatement(FORGET_TARGET).bind("$1", target).execute());
    }

    /** Again where it lost to the bridge, in a deadlock. */
    private void run(Function<PostgresqlConnection, Flux<PostgresqlResult>> work) {
        Mono.usingWhen(
                        Connections.plain(url).create(),
                        connection -> connection
                                .createStatement(PATIENCE)
                                .execute()
                                .concatWith(work.apply(connection))
                                .concatMap(PostgresqlResult::getRowsUpdated)
                                .then(),
                        PostgresqlConnection::close)
                .retryWhen(Retry.max(CONFLICTS).filter(DatabaseFailure::conflict))
                .onErrorResume(DatabaseFailure::locked, this::leftOpen)
                .block();
    }

    private Mono<Void> leftOpen(Throwable error) {
        return Flux.usingWhen(
                        Connections.plain(url).create(),
                        connection -> connection
                                .createStatement(BLOCKERS)
                                .execute()
                                .concatMap(
                                        result -> result.map(row -> String.valueOf(row.get("session", String.class)))),
                        PostgresqlConnection::close)
                .collect(Collectors.joining("; "))
                .flatMap(sessions -> Mono.error(new IllegalStateException(
                        "a transaction that is still open has locked rows of schema net for 5 s, of a test before or of the application; end it: "
                                + sessions,
                        error)));
    }
}
