package io.pgnetty.postgres;

import io.netty.channel.ConnectTimeoutException;
import io.pgnetty.config.DatabaseServer;
import io.pgnetty.config.DatabaseSession;
import io.pgnetty.config.DatabaseTls;
import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.SslMode;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.client.ChannelBindingMode;
import io.r2dbc.postgresql.client.SSLMode;
import io.r2dbc.postgresql.client.SSLNegotiation;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
        Duration limit = order.patience(
                server,
                now.session().connectTimeout().plus(LOGIN),
                now.servers().size());
        return factory(now, server)
                .create()
                .flatMap(connection -> prepared(connection, standbyToo))
                .doOnNext(connection -> order.good(server))
                .doOnError(error -> failed(server, error))
                .timeout(limit, Mono.error(() -> noAnswer(server, limit)))
                .onErrorResume(error -> whyNot(now, server, error)
                        .flatMap(why -> Mono.error(failure(server + "/" + now.database(), why))));
    }

    private void failed(DatabaseServer server, Throwable error) {
        if (error instanceof ConnectTimeoutException || error.getCause() instanceof ConnectTimeoutException) {
            order.silent(server);
        } else {
            order.answered(server);
        }
    }

    private ConnectFailure noAnswer(DatabaseServer server, Duration limit) {
        order.silent(server);
        return new ConnectFailure("no login within " + limit.toSeconds() + " s");
    }

    /** A session of this connector's gets no answer any more: its server comes last from now on, until it answers. */
    void lastIsSilent() {
        order.lastIsSilent();
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
                // Here: who has taken the connection may well cancel what brought it.
                .doOnCancel(() -> connection.close().onErrorComplete().subscribe())
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

    private PostgresqlConnectionFactory factory(DatabaseUrl now, DatabaseServer server) {
        DatabaseSession session = now.session();
        PostgresqlConnectionConfiguration.Builder builder = PostgresqlConnectionConfiguration.builder()
                .loopResources(Sockets.with(session.keepalive()))
                .autodetectExtensions(false)
                .preparedStatementCacheQueries(preparedStatements)
                .options(startup(session))
                .applicationName(session.applicationName())
                .connectTimeout(session.connectTimeout())
                .tcpKeepAlive(session.keepalive().on())
                .channelBinding(ChannelBindingMode.fromValue(session.channelBinding()))
                .username(now.user())
                .password(now.passwordFor(server).orElse(null))
                .database(now.database());
        if (server.isUnixSocket()) {
            builder.socket(server.toString());
        } else {
            encrypt(builder.host(server.host()).port(server.port()), now.tls());
        }
        return new PostgresqlConnectionFactory(builder.build());
    }

    private Map<String, String> startup(DatabaseSession session) {
        Map<String, String> startup = new HashMap<>(settings);
        if (!session.options().isEmpty()) {
            startup.put("options", session.options());
        }
        return startup;
    }

    private static void encrypt(PostgresqlConnectionConfiguration.Builder builder, DatabaseTls tls) {
        builder.sslMode(SSLMode.fromValue(tls.mode().text())).sslSni(tls.sni());
        if (tls.mode() == SslMode.DISABLE) {
            return;
        }
        if (tls.direct()) {
            builder.sslNegotiation(SSLNegotiation.DIRECT);
        }
        if (tls.rootCert() != null) {
            builder.sslRootCert(tls.rootCert());
        }
        if (tls.cert() != null && tls.key() != null) {
            builder.sslCert(tls.cert()).sslKey(tls.key()).sslPassword(tls.keyPassword());
        }
        if (tls.mode() == SslMode.VERIFY_CA) {
            // Netty would check the host name as well, which is what verify-full is for.
            builder.sslContextBuilderCustomizer(context -> context.endpointIdentificationAlgorithm(null));
        }
    }
}
