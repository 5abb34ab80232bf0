package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseServer;
import io.pgnetty.config.DatabaseUrl;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.R2dbcTimeoutException;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.ValidationDepth;
import io.r2dbc.spi.Wrapped;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.pool.PoolBuilder;
import reactor.util.retry.Retry;

/**
 * Runs the bridge's statements, each in its own transaction, on a small pool. A statement is never cancelled from our side
 * (that can poison its connection): one that does not end in time loses its connection instead.
 */
public final class Database {

    /** Claim, two write-backs, one for rows that are written alone, the leases, and the housekeeping. */
    private static final int CONNECTIONS = 6;

    /** Longer than the server's own limit, so that this one speaks only for a connection that is dead. */
    private static final Duration GIVE_UP = Connections.STATEMENT_TIMEOUT.plusSeconds(5);

    /** Who loses a deadlock, or to a serializable transaction, has only to try again. */
    private static final Retry AFTER_CONFLICT = Retry.backoff(10, Duration.ofMillis(5))
            .maxBackoff(Duration.ofMillis(200))
            .jitter(1)
            .filter(DatabaseFailure::conflict)
            .onRetryExhaustedThrow((retry, signal) -> signal.failure());

    /** These run outside a transaction, and name nothing that a search_path could lead elsewhere. */
    private static final Set<String> WITHOUT_TRANSACTION = Set.of("vacuum_queue");

    /** Begins a transaction in which names mean what they should, whatever the session behind a pooler has set. */
    private static final String BEGIN = Connections.PINNED.entrySet().stream()
            .filter(setting -> !setting.getKey().startsWith("default_"))
            .map(setting -> "; set local " + setting.getKey() + " = "
                    + (setting.getKey().equals("search_path")
                                    || setting.getKey().equals("role")
                            ? setting.getValue()
                            : "'" + setting.getValue() + "'"))
            .collect(Collectors.joining(
                    "",
                    "/* pgnetty:begin */ begin isolation level read committed; set local statement_timeout = "
                            + Connections.STATEMENT_TIMEOUT.toMillis() + "; set local lock_timeout = "
                            + Connections.LOCK_TIMEOUT.toMillis()
                            + "; set local idle_in_transaction_session_timeout = "
                            + Connections.STATEMENT_TIMEOUT.toMillis(),
                    // Last: its names mean what they should by now.
                    "; select set_config('log_parameter_max_length', '0', true) "
                            + "where has_parameter_privilege('log_parameter_max_length', 'set')"));

    private final boolean pooled;
    private final int connections;
    private final String place;
    private final Connector connector;
    private final ConnectionFactory factory;
    private final LoginGate gate = new LoginGate();
    private final Sessions sessions = new Sessions();
    private final Disposable.Composite running = Disposables.composite();
    private volatile ConnectionPool pool;

    /**
     * Connects when the first statement comes.
     *
     * @param pooled whether a transaction pooler is in between, so that sessions are not ours
     */
    public Database(DatabaseUrl url, boolean pooled) {
        this(url, pooled, CONNECTIONS);
    }

    /**
     * The same with another number of connections.
     *
     * @param connections at most
     */
    public Database(DatabaseUrl url, boolean pooled, int connections) {
        Sql.load();
        this.pooled = pooled;
        this.connections = connections;
        this.place = url.place();
        this.connector = pooled ? Connections.pooled(url) : Connections.direct(url);
        this.factory = new ConnectionFactory() {
            @Override
            public Publisher<? extends Connection> create() {
                return sessions.keep(gate.through(connector.create()));
            }

            @Override
            public ConnectionFactoryMetadata getMetadata() {
                return connector.getMetadata();
            }
        };
        this.pool = newPool();
    }

    /**
     * Runs one statement of {@code sql/statements} and collects its rows.
     *
     * @param name of the statement's file
     * @param bind sets its parameters
     * @param map reads a row
     * @return errors with the driver's exception, see {@link DatabaseFailure}
     */
    <T> Mono<List<T>> list(String name, Consumer<Statement> bind, Function<Readable, T> map) {
        return Mono.usingWhen(
                        Mono.defer(() -> pool.create())
                                .onErrorMap(R2dbcTimeoutException.class, error -> Connector.failure(place, error)),
                        connection -> watched(connection, name, transaction(connection, name, bind, map)),
                        Connection::close,
                        (connection, error) -> discard(connection),
                        Database::discard)
                .retryWhen(AFTER_CONFLICT);
    }

    /** Server and database, for messages. */
    String place() {
        return place;
    }

    /** Closes every connection and goes on with new ones. Statements under way end first. */
    public Mono<Void> reconnect() {
        return Mono.defer(() -> {
            ConnectionPool old = pool;
            pool = newPool();
            return old.disposeLater();
        });
    }

    /**
     * A session of that server's is not answered any more. Where there are others that may have taken its place, none of these connections is waited for,
     * and those servers are tried before it. Where there is none, or a pooler that may be well, each statement has its time.
     */
    void abandon(DatabaseServer server) {
        if (connector.hasSeveral() && !pooled) {
            connector.suspect(server);
            running.add(sessions.closeAll().subscribe());
        }
    }

    /** Closes every connection. */
    public Mono<Void> close() {
        return Mono.defer(() -> {
            running.dispose();
            return pool.disposeLater();
        });
    }

    private <T> Mono<List<T>> transaction(
            Connection connection, String name, Consumer<Statement> bind, Function<Readable, T> map) {
        Mono<List<T>> rows = run(connection, name, bind, map);
        return pooled && !WITHOUT_TRANSACTION.contains(name)
                ? plain(connection, BEGIN)
                        .then(rows)
                        .flatMap(list ->
                                plain(connection, "/* pgnetty:commit */ commit").thenReturn(list))
                : rows;
    }

    private static Mono<Void> plain(Connection connection, String statement) {
        return Flux.from(connection.createStatement(statement).execute())
                .concatMap(Result::getRowsUpdated)
                .then();
    }

    private static <T> Mono<List<T>> run(
            Connection connection, String name, Consumer<Statement> bind, Function<Readable, T> map) {
        return Mono.defer(() -> {
            Statement statement = connection.createStatement(Sql.statement(name));
            bind.accept(statement);
            return Flux.from(statement.execute())
                    .concatMap(result -> result.map(map))
                    .collectList();
        });
    }

    /** Closes the connection under work that does not end in time. */
    private <T> Mono<List<T>> watched(Connection connection, String name, Mono<List<T>> work) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> ended = Sinks.empty();
            Disposable watchdog = Schedulers.parallel()
                    .schedule(
                            () -> {
                                running.add(discard(connection).subscribe());
                                ended.tryEmitError(new R2dbcTimeoutException(name + " did not end within "
                                        + GIVE_UP.toSeconds() + " s; its connection is closed"));
                            },
                            GIVE_UP.toMillis(),
                            TimeUnit.MILLISECONDS);
            // Only when the connection is closed already is the statement left: then that can poison nothing.
            return Mono.firstWithSignal(work, ended.asMono().then(Mono.<List<T>>never()))
                    .doFinally(signal -> watchdog.dispose());
        });
    }

    /** Closes the connection itself, which fails its statement at once; the pool then finds it closed and forgets it. */
    private static Mono<Void> discard(Connection connection) {
        Object itself = connection instanceof Wrapped<?> wrapped ? wrapped.unwrap() : connection;
        Mono<Void> closed = itself instanceof Connection session ? Sessions.close(session) : Mono.empty();
        return closed.then(Mono.from(connection.close()).onErrorComplete());
    }

    private ConnectionPool newPool() {
        return new ConnectionPool(ConnectionPoolConfiguration.builder(factory)
                .name("pgnetty")
                .initialSize(0)
                .maxSize(connections)
                // The one that was used last is taken first: its server process has plans and caches warm. The others
                // end, before
                // a firewall forgets them as idle, which only the statement that takes such a connection would notice.
                .customizer(PoolBuilder::idleResourceReuseMruOrder)
                .maxIdleTime(Duration.ofMinutes(2))
                .backgroundEvictionInterval(Duration.ofSeconds(30))
                .maxLifeTime(Duration.ofMinutes(30))
                .maxAcquireTime(Duration.ofSeconds(5))
                .maxCreateConnectionTime(connector.patience())
                .validationDepth(ValidationDepth.LOCAL)
                // A dead connection is found when it is taken: after a restart of PostgreSQL all of them are.
                .acquireRetry(connections)
                .build());
    }
}
