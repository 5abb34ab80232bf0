package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.SslMode;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.client.SSLMode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** How we connect to PostgreSQL. */
public final class Connections {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** A statement of ours takes milliseconds; one that waits this long for a lock or a disk is better tried again. */
    static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(20);

    /**
     * Longer than any lock of ours, or of a careful migration, is held: who waits longer says so, and tries again. Shorter than
     * the statement's limit, so that a lock is told from a trigger that does not end.
     */
    static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

    /**
     * What our statements mean must not hang on settings of the database or of the role: whose operators and functions come
     * first, as whom they run, and how values are read and written. A startup parameter outranks both.
     */
    static final Map<String, String> MEANING = Map.of(
            "search_path", "pg_catalog, pg_temp",
            "role", "none",
            // What the statements of sql/statements are written for.
            "default_transaction_isolation", "read committed",
            "row_security", "on",
            "bytea_output", "hex",
            "array_nulls", "on",
            "transform_null_equals", "off",
            "standard_conforming_strings", "on",
            "backslash_quote", "safe_encoding");

    private Connections() {}

    /** Direct connections that run statements: bounded on the server's side as well. */
    static PostgresqlConnectionFactory direct(DatabaseUrl url) {
        Map<String, String> settings = new HashMap<>(MEANING);
        settings.put("statement_timeout", String.valueOf(STATEMENT_TIMEOUT.toMillis()));
        settings.put("lock_timeout", String.valueOf(LOCK_TIMEOUT.toMillis()));
        settings.put("idle_in_transaction_session_timeout", String.valueOf(STATEMENT_TIMEOUT.toMillis()));
        return new PostgresqlConnectionFactory(
                common(url).preparedStatementCacheQueries(32).options(settings).build());
    }

    /**
     * Connections through a transaction pooler: no named statements and no settings, since the session behind it is shared.
     * What must be pinned is pinned for each transaction, see {@link Database}.
     */
    static PostgresqlConnectionFactory pooled(DatabaseUrl url) {
        return new PostgresqlConnectionFactory(
                common(url).preparedStatementCacheQueries(0).build());
    }

    /** A direct connection of ours without time limits: for the notifications. */
    static PostgresqlConnectionFactory unbounded(DatabaseUrl url) {
        return new PostgresqlConnectionFactory(
                common(url).preparedStatementCacheQueries(0).options(MEANING).build());
    }

    /** A plain direct connection: for an installation, whose script pins what it needs, and for a person's statements. */
    public static PostgresqlConnectionFactory plain(DatabaseUrl url) {
        return new PostgresqlConnectionFactory(
                common(url).preparedStatementCacheQueries(0).build());
    }

    private static PostgresqlConnectionConfiguration.Builder common(DatabaseUrl url) {
        PostgresqlConnectionConfiguration.Builder builder = PostgresqlConnectionConfiguration.builder()
                .loopResources(Sockets.INSTANCE)
                .autodetectExtensions(false)
                .applicationName("pgnetty")
                .connectTimeout(CONNECT_TIMEOUT)
                .tcpKeepAlive(true)
                .username(url.user())
                .password(url.password())
                .database(url.database());
        if (url.isUnixSocket()) {
            return builder.socket(url.host() + "/.s.PGSQL." + url.port());
        }
        builder.host(url.host())
                .port(url.port())
                .sslMode(SSLMode.fromValue(url.sslMode().text()));
        String rootCertificates = url.sslRootCert();
        if (rootCertificates != null && url.sslMode() != SslMode.DISABLE) {
            builder.sslRootCert(rootCertificates);
        }
        if (url.sslMode() == SslMode.VERIFY_CA) {
            // Netty would check the host name as well, which is what verify-full is for.
            builder.sslContextBuilderCustomizer(context -> context.endpointIdentificationAlgorithm(null));
        }
        return builder;
    }
}
