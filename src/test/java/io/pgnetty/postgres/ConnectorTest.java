package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import io.pgnetty.testing.TlsServer;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Logins at a real server with TLS, by certificate and by password. */
class ConnectorTest {

    @TempDir
    private static Path folder;

    private static final TlsServer SERVER = TlsServer.selfSigned();
    private static final TlsServer CLIENT = TlsServer.of("RSA", "dns:client");
    private static TestPostgres postgres;
    private static TestDatabase database;

    @BeforeAll
    static void start() throws IOException {
        Path key = write("server.pem", SERVER.pem());
        Path hba = write(
                "hba",
                "hostssl all server 127.0.0.1/32 cert\nhost all someone 127.0.0.1/32 scram-sha-256\n"
                        + "host all all 127.0.0.1/32 trust\n");
        postgres = TestPostgres.start(
                "17",
                Map.of(
                        "ssl", "on",
                        "ssl_cert_file", key.toString(),
                        "ssl_key_file", key.toString(),
                        "ssl_ca_file", write("client.pem", CLIENT.pem()).toString(),
                        "hba_file", hba.toString()));
        database = postgres.empty();
        database.run("create role server login; create role someone login password 'right'");
    }

    @AfterAll
    static void stop() {
        postgres.stop();
    }

    @Test
    void aCertificateAndABundleAreReadForEachConnection() throws IOException {
        Path ca = write("ca.pem", CLIENT.pem());
        Path key = write("key.pem", SERVER.pem());
        Connector connector = Connections.plain(
                url("server", "?sslmode=verify-full&sslrootcert=" + ca + "&sslcert=" + key + "&sslkey=" + key));
        // The bundle does not have the server's certificate, and the key is not the client's.
        assertThatThrownBy(() -> ask(connector, "select current_user"))
                .hasMessageContaining("TLS handshake failed: PKIX");
        Files.writeString(ca, SERVER.pem());
        assertThatThrownBy(() -> ask(connector, "select current_user"))
                .hasMessageContaining(":" + postgres.port() + "/");
        Files.writeString(key, CLIENT.pem());
        assertThat(ask(connector, "select current_user")).isEqualTo("server");
    }

    @Test
    void aPasswordFileIsReadForEachConnection() throws IOException {
        Path file = write("pgpass", "127.0.0.1:*:*:someone:wrong\n");
        Connector connector = Connections.plain(url("someone", "?passfile=" + file));
        assertThatThrownBy(() -> ask(connector, "select 'in'")).hasMessageContaining("password authentication failed");
        Files.writeString(file, "127.0.0.1:*:*:someone:right\n");
        assertThat(ask(connector, "select 'in'")).isEqualTo("in");
    }

    @Test
    void parametersReachTheServer() {
        Connector connector = Connections.direct(url(
                "postgres",
                "?application_name=billing&options=-c%20geqo%3Doff%20-c%20jit%3Don&channel_binding=prefer"));
        assertThat(ask(connector, "select current_setting('application_name')")).isEqualTo("billing");
        assertThat(ask(connector, "select current_setting('geqo')")).isEqualTo("off");
        // What a bridge's statements need outranks it.
        assertThat(ask(connector, "select current_setting('jit')")).isEqualTo("off");
    }

    @Test
    void aFailureNamesTheServerAndTheDatabase() {
        assertThatThrownBy(() -> ask(
                        Connections.plain(DatabaseUrl.parse("postgresql://u@127.0.0.1:1,127.0.0.1:2/d", Map.of())), ""))
                .hasMessageContaining("127.0.0.1:1/d: connection refused; 127.0.0.1:2/d: connection refused");
        assertThatThrownBy(() -> ask(Connections.plain(url("postgres", "").withDatabase("nowhere")), ""))
                .hasMessageContaining(":" + postgres.port() + "/nowhere: database \"nowhere\" does not exist");
    }

    @Test
    void aKeyInAnotherFormatIsRefusedWithWhatToDo() throws IOException {
        Path key = write("old.pem", "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n");
        assertThatThrownBy(() -> url("server", "?sslcert=" + key + "&sslkey=" + key))
                .hasMessageContaining("openssl pkcs8 -topk8");
    }

    private static DatabaseUrl url(String user, String parameters) {
        return DatabaseUrl.parse(
                "postgresql://" + user + "@127.0.0.1:" + postgres.port() + "/"
                        + database.url().database() + parameters,
                Map.of());
    }

    private static String ask(Connector connector, String sql) {
        return Mono.usingWhen(
                        connector.create(),
                        connection -> Flux.from(connection.createStatement(sql).execute())
                                .concatMap(result -> result.map(row -> String.valueOf(row.get(0, String.class))))
                                .single(),
                        PostgresqlConnection::close)
                .block(Duration.ofSeconds(20));
    }

    private static Path write(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }
}
