package io.pgnetty.junit;

import io.pgnetty.config.DatabaseServer;
import io.pgnetty.config.DatabaseTls;
import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.SslMode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where a database is, as PostgreSQL's JDBC driver takes it. */
final class JdbcUrl {

    private JdbcUrl() {}

    /**
     * The URL, with login and encryption.
     *
     * @throws IllegalStateException if a server is a Unix socket, which the driver does not know
     */
    static String of(DatabaseUrl database) {
        if (database.servers().stream().anyMatch(DatabaseServer::isUnixSocket)) {
            throw new IllegalStateException("JDBC has no Unix sockets: give the extension the server's host and port");
        }
        Map<String, @Nullable String> parameters = new LinkedHashMap<>();
        parameters.put("user", database.user());
        parameters.put("password", database.password());
        DatabaseTls tls = database.tls();
        parameters.put("sslmode", tls.mode().text());
        parameters.put("sslrootcert", tls.rootCert());
        parameters.put("sslcert", tls.cert());
        parameters.put("sslkey", tls.key());
        parameters.put("sslpassword", tls.keyPassword());
        // Where no file of authorities is named, the bridge believes those of the JVM, and the driver those of a file.
        parameters.put(
                "sslfactory",
                verifies(tls.mode()) && tls.rootCert() == null ? "org.postgresql.ssl.DefaultJavaSSLFactory" : null);
        parameters.put("sslNegotiation", tls.direct() ? "direct" : null);
        // As the bridge, which writes.
        parameters.put("targetServerType", database.servers().size() > 1 ? "primary" : null);
        return database.servers().stream()
                        .map(DatabaseServer::toString)
                        .collect(Collectors.joining(",", "jdbc:postgresql://", "/"))
                + encoded(database.database())
                + parameters.entrySet().stream()
                        .filter(parameter -> parameter.getValue() != null)
                        .map(parameter -> parameter.getKey() + "=" + encoded(parameter.getValue()))
                        .collect(Collectors.joining("&", "?", ""));
    }

    private static boolean verifies(SslMode mode) {
        return mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
