package io.pgnetty.postgres;

import io.netty.channel.ConnectTimeoutException;
import io.pgnetty.config.DatabaseServer;
import io.pgnetty.config.DatabaseSession;
import io.pgnetty.config.DatabaseUrl;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Makes connections to the server that a URL names, or to the one of several that is the primary, in their {@link ServerOrder}. Everything is read again for each connection: the URL's file, the password file, certificates.
 */
public final class Connector implements ConnectionFactory {

    /** TLS and login, beyond TCP: as long as a server may take that is slow, and no longer than one that has died. */
    private static final Duration LOGIN = Duration.ofSeconds(5);

    private final DatabaseUrl url;
    private final Map<String, String> settings;
    private final int preparedStatements;
    private final ServerOrder order = new ServerOrder();

    /**
     * Reads and connects when asked to.
     *
     * @param settings startup parameters
     * @param preparedStatements of which each connection keeps the plan
     */
    Connector(DatabaseUrl url, Map<String, String> settings, int preparedStatements) {
        Sql.load();
        this.url = url;
        this.settings = settings;
        this.preparedStatements = preparedStatements;
    }

    /** A new connection; errors with a {@link ConnectFailure}. */
    @Override
    public Mono<PostgresqlConnection> create() {
        // Files, and building a TLS context: not on an event loop.
        return Mono.fromCallable(this::attempts)
                .subscribeOn(Schedulers.boundedElastic())
                .onErrorMap(error -> new ConnectFailure(url.place() + ": " + error.getMessage()))
                .flatMap(Connector::first);
    }

    @Override
    public ConnectionFactoryMetadata getMetadata() {
        return () -> "PostgreSQL";
    }

    /** An error with the place where it happened. */
    static ConnectFailure failure(String place, Throwable error) {
        return new ConnectFailure(place + ": " + DatabaseFailure.reason(error), error);
    }

    /** How long a connection may take, all servers tried. */
    Duration patience() {
        return url.session()
                .connectTimeout()
                .plus(LOGIN)
                .multipliedBy(url.servers().size()
                        * (url.session().wanted() == DatabaseSession.Wanted.PRIMARY_FIRST ? 2L : 1L));
    }

    /** One for each server, in the order in which they are to be tried. */
    private List<Mono<PostgresqlConnection>> attempts() {
        DatabaseUrl now = url.latest();
        List<String> problems = now.tls().problems();
        if (!problems.isEmpty() && !now.servers().stream().allMatch(DatabaseServer::isUnixSocket)) {
            throw new IllegalArgumentException("its URL " + String.join("; ", problems));
        }
        List<DatabaseServer> servers = order.of(now.servers());
        Stream<Mono<PostgresqlConnection>> inTurn = switch (now.session().wanted()) {
            case ANY -> servers.stream().map(server -> attempt(now, server, true));
            case PRIMARY -> servers.stream().map(server -> attempt(now, server, false));
            case PRIMARY_FIRST ->
                Stream.concat(
                        servers.stream().map(server -> attempt(now, server, false)),
                        servers.stream().map(server -> attempt(now, server, true)));
        };
        return inTurn.toList();
    }

    private Mono<PostgresqlConnection> attempt(DatabaseUrl now, DatabaseServer server, boolean standbyToo) {
        Duration limit = now.session().connectTimeout().plus(LOGIN);
        return Mono.defer(() -> now.servers().size() == 1 || order.begin(server, limit)
                        ? login(now, server, standbyToo, limit)
                        : Mono.error(new ConnectFailure("it has not answered, and is tried again in some seconds")))
                .onErrorResume(error -> whyNot(now, server, error)
                        .flatMap(why -> Mono.error(failure(server + "/" + now.database(), why))));
    }

    private Mono<PostgresqlConnection> login(
            DatabaseUrl now, DatabaseServer server, boolean standbyToo, Duration limit) {
        Mono<PostgresqlConnection> login = DriverSettings.factory(now, server, settings, preparedStatements)
                .create()
                .flatMap(connection -> prepared(connection, standbyToo))
                .doOnNext(connection -> order.good(server))
                .doOnError(error -> failed(server, error));
        return Patience.with(login, limit, () -> noAnswer(server, limit));
    }

    private void failed(DatabaseServer server, Throwable error) {
        if (isSilence(error) || isSilence(error.getCause())) {
            order.silent(server);
        } else {
            order.answered(server);
        }
    }

    private static boolean isSilence(@Nullable Throwable error) {
        return error instanceof ConnectTimeoutException || error instanceof NoRouteToHostException;
    }

    private ConnectFailure noAnswer(DatabaseServer server, Duration limit) {
        order.silent(server);
        return new ConnectFailure("no login within " + limit.toSeconds() + " s");
    }

    /** A session is not answered any more, of the server of the last login: gives that server, if there was one. */
    Optional<DatabaseServer> suspectLast() {
        Optional<DatabaseServer> server = order.last();
        server.ifPresent(order::suspect);
        return server;
    }

    /** A session of that server's is not answered any more: it comes last from now on, until it answers. */
    void suspect(DatabaseServer server) {
        order.suspect(server);
    }

    /** Whether there are other servers to go to. */
    boolean hasSeveral() {
        return url.servers().size() > 1;
    }

    /** The server's word, or that its password should have come from a file. */
    private static Mono<Throwable> whyNot(DatabaseUrl now, DatabaseServer server, Throwable error) {
        return DatabaseFailure.isWithoutPassword(error)
                // Reads that file.
                ? Mono.fromCallable(() -> now.whyNoPassword(server))
                        .subscribeOn(Schedulers.boundedElastic())
                        .map(why -> why.<Throwable>map(text -> new ConnectFailure(
                                        "the server asks for a password, and there is " + text, error))
                                .orElse(error))
                : Mono.just(error);
    }

    private static Mono<PostgresqlConnection> first(List<Mono<PostgresqlConnection>> attempts) {
        if (attempts.size() == 1) {
            return attempts.get(0);
        }
        List<Throwable> failures = new ArrayList<>();
        return Flux.fromIterable(attempts)
                .concatMap(
                        attempt -> attempt.onErrorResume(DatabaseFailure::away, error -> {
                            failures.add(error);
                            return Mono.empty();
                        }),
                        1)
                .next()
                .switchIfEmpty(Mono.error(() -> new ConnectFailure(
                        failures.stream().map(DatabaseFailure::reason).collect(Collectors.joining("; ")))));
    }

    /** What a session begins with; it is closed where that fails, or is given up. */
    private Mono<PostgresqlConnection> prepared(PostgresqlConnection connection, boolean standbyToo) {
        return (standbyToo ? Mono.<Void>empty() : refuseStandby(connection))
                // In a session of ours; behind a pooler each transaction does so.
                .then(settings.isEmpty() ? Mono.<Void>empty() : keepBodiesOut(connection))
                .onErrorResume(error -> connection.close().onErrorComplete().then(Mono.error(error)))
                .then(Mono.just(connection));
    }

    private static Mono<Void> refuseStandby(PostgresqlConnection connection) {
        return Flux.from(connection.createStatement(Sql.statement("is_standby")).execute())
                .concatMap(result -> result.map(row -> Rows.present(row, "standby", Boolean.class)))
                .single()
                .flatMap(standby -> standby ? Mono.error(new ConnectFailure(Readiness.STANDBY)) : Mono.empty());
    }

    private static Mono<Void> keepBodiesOut(PostgresqlConnection connection) {
        return Flux.from(connection
                        .createStatement(Sql.statement("keep_bodies_out"))
                        .execute())
                .concatMap(result -> result.map(row -> 0))
                .then();
    }
}
