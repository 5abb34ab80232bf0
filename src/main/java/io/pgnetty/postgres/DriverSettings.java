package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseServer;
import io.pgnetty.config.DatabaseSession;
import io.pgnetty.config.DatabaseTls;
import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.SslMode;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.client.ChannelBindingMode;
import io.r2dbc.postgresql.client.SSLMode;
import io.r2dbc.postgresql.client.SSLNegotiation;
import java.util.HashMap;
import java.util.Map;

/** What a URL says, as the driver takes it. Reads files, such as passwords and certificates. */
final class DriverSettings {

    private DriverSettings() {}

    /**
     * For one server.
     *
     * @param settings startup parameters
     * @param preparedStatements of which each connection keeps the plan
     */
    static PostgresqlConnectionFactory factory(
            DatabaseUrl now, DatabaseServer server, Map<String, String> settings, int preparedStatements) {
        DatabaseSession session = now.session();
        PostgresqlConnectionConfiguration.Builder builder = PostgresqlConnectionConfiguration.builder()
                .loopResources(Sockets.with(session.keepalive()))
                .autodetectExtensions(false)
                .preparedStatementCacheQueries(preparedStatements)
                .options(startup(session, settings))
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

    private static Map<String, String> startup(DatabaseSession session, Map<String, String> settings) {
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
