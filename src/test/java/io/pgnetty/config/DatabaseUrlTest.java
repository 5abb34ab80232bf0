package io.pgnetty.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("quick")
class DatabaseUrlTest {

    @Test
    void readsWhatLibpqReads() {
        DatabaseUrl url = parse("postgres://us%40er:p%2Fa%3As%25s@db.example:6000/my%20db?sslmode=verify-ca");
        assertThat(url.servers()).containsExactly(new DatabaseServer("db.example", 6000));
        assertThat(url.user()).isEqualTo("us@er");
        assertThat(url.password()).isEqualTo("p/a:s%s");
        assertThat(url.database()).isEqualTo("my db");
        assertThat(url.tls().mode()).isEqualTo(SslMode.VERIFY_CA);
        assertThat(parse("postgresql://[::1]:5/x").servers()).containsExactly(new DatabaseServer("::1", 5));
        assertThat(parse("postgresql:///d?host=/run/pg&user=u").servers().get(0).isUnixSocket())
                .isTrue();
        assertThat(parse("postgresql://a+b:c+d@h").password()).isEqualTo("c+d");
        assertThat(parse("postgresql://h/d?ssl=true").tls().mode()).isEqualTo(SslMode.REQUIRE);
        assertThat(parse("postgresql://h/d?sslrootcert=system").tls().mode()).isEqualTo(SslMode.VERIFY_FULL);
    }

    @Test
    void severalServers() {
        assertThat(parse("postgresql://a,b:6/d").servers())
                .containsExactly(new DatabaseServer("a", 5432), new DatabaseServer("b", 6));
        assertThat(parse("postgresql:///d?host=a,/run/pg,::1&port=7").servers())
                .containsExactly(
                        new DatabaseServer("a", 7), new DatabaseServer("/run/pg", 7), new DatabaseServer("::1", 7));
        assertThat(parse("postgresql://[::1]:5,[::2]/d").servers())
                .containsExactly(new DatabaseServer("::1", 5), new DatabaseServer("::2", 5432));
        assertThat(DatabaseUrl.fromEnvironment(Map.of("PGHOST", "a,b", "PGPORT", "1,2"))
                        .servers())
                .containsExactly(new DatabaseServer("a", 1), new DatabaseServer("b", 2));
        assertThat(parse("postgresql://a,b/d").session().wanted()).isEqualTo(DatabaseSession.Wanted.PRIMARY);
        assertThat(parse("postgresql://a/d").session().wanted()).isEqualTo(DatabaseSession.Wanted.ANY);
        assertThat(parse("postgresql://a/d?target_session_attrs=read-write")
                        .session()
                        .wanted())
                .isEqualTo(DatabaseSession.Wanted.PRIMARY);
        assertThat(parse("postgresql://a,b/d").place()).isEqualTo("a:5432,b:5432/d");
    }

    @Test
    void theParametersOfProvidersUrls() {
        DatabaseUrl url = parse("postgresql://u:p@ep-x.aws.neon.example/d?sslmode=require&channel_binding=require"
                + "&options=endpoint%3Dep-x&application_name=billing&connect_timeout=15&gssencmode=disable"
                + "&keepalives=1&keepalives_idle=30&keepalives_interval=7&keepalives_count=4&tcp_user_timeout=9000"
                + "&client_encoding=utf8&load_balance_hosts=random&sslcompression=0&fallback_application_name=psql");
        assertThat(url.session().channelBinding()).isEqualTo("require");
        assertThat(url.session().options()).isEqualTo("endpoint=ep-x");
        assertThat(url.session().applicationName()).isEqualTo("billing");
        assertThat(url.session().connectTimeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(url.session().keepalive()).isEqualTo(new DatabaseSession.Keepalive(true, 30, 7, 4, 9000));
        assertThat(parse("postgresql://h/d?keepalives=0").session().keepalive().on())
                .isFalse();
        assertThat(DatabaseUrl.parse(
                                "postgresql://h/d",
                                Map.of("PGAPPNAME", "x", "PGCONNECT_TIMEOUT", "3", "PGOPTIONS", "-c geqo=off"))
                        .session())
                .returns("x", DatabaseSession::applicationName)
                .returns(Duration.ofSeconds(3), DatabaseSession::connectTimeout)
                .returns("-c geqo=off", DatabaseSession::options);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hostaddr=10.0.0.1 | give the address as the host",
                "gssencmode=require | GSSAPI",
                "target_session_attrs=standby | primary",
                "passfile=/no/such/file | /no/such/file",
                "sslrootcert=/no/such/ca.pem | /no/such/ca.pem",
                "sslcert=/no/such/cert.pem | /no/such/cert.pem",
                "service=x | service",
                "channel_binding=maybe | prefer, disable, require",
                "connect_timeout=soon | whole number",
                "sslcrl=/x | revoked",
                "currentSchema=x | currentSchema",
                "sslrootcert=system&sslmode=require | verify-full",
            })
    void whatItDoesNotDoIsRefusedWithWhatToDo(String parameter, String said) {
        assertThatThrownBy(() -> parse("postgresql://u:topsecret@h/d?" + parameter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(said)
                .hasMessageNotContaining("topsecret");
    }

    @Test
    void sslWeakensNothing() {
        assertThat(parse("postgresql://h/d?ssl=true&sslmode=verify-full").tls().mode())
                .isEqualTo(SslMode.VERIFY_FULL);
        assertThat(parse("postgresql://h/d?sslmode=verify-full&ssl=true").tls().mode())
                .isEqualTo(SslMode.VERIFY_FULL);
    }

    /** {@code bench} works in a database of its own, and {@code status} looks at a standby, wherever the URL comes from. */
    @Test
    void whatIsAskedForHoldsWhenItIsReadAgain() {
        DatabaseUrl url = parse("postgresql://a,b/d").from(() -> parse("postgresql://a,b,c/d"));
        assertThat(url.withDatabase("own").latest().place()).isEqualTo("a:5432,b:5432,c:5432/own");
        assertThat(url.orStandby().latest().session().wanted()).isEqualTo(DatabaseSession.Wanted.PRIMARY_FIRST);
    }

    @Test
    void aVariableThatIsRefusedIsNamed() {
        assertThatThrownBy(() -> DatabaseUrl.parse("postgresql://h/d", Map.of("PGSERVICE", "x")))
                .hasMessageContaining("PGSERVICE");
    }

    @Test
    void aPasswordFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("pgpass"),
                "# a:5432:d:u:wrong\na:5432:d:u:o\\:n\\\\e\n*:*:other:*:two\nb:5432:*:u:three\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        DatabaseUrl url = parse("postgresql://u@a,b/d?passfile=" + file);
        assertThat(url.passwordFor(url.servers().get(0))).contains("o:n\\e");
        assertThat(url.passwordFor(url.servers().get(1))).contains("three");
        assertThat(url.withDatabase("other").passwordFor(url.servers().get(1))).contains("two");
        assertThat(DatabaseUrl.parse("postgresql://u:own@a/d", Map.of("PGPASSFILE", file.toString()))
                        .passwordFor(url.servers().get(0)))
                .contains("own");
        Files.writeString(file, "*:*:*:*:a:b\n");
        assertThat(url.passwordFor(url.servers().get(0))).contains("a:b");
        Files.writeString(file, "*:*:*:*:new\n");
        assertThat(url.passwordFor(url.servers().get(0))).contains("new");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(url.passwordFor(url.servers().get(0))).isEmpty();
        assertThatThrownBy(() -> parse("postgresql://u@a/d?passfile=" + file)).hasMessageContaining("chmod 600");
    }

    /** What it says is not cut by what hides passwords. */
    @Test
    void whyAPasswordFileHasNone(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("pgpass"), "other:5432:d:u:x\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        DatabaseUrl url = parse("postgresql://u@a/d?passfile=" + file);
        DatabaseServer server = url.servers().get(0);
        assertThat(url.whyNoPassword(server)).contains("a password file without a line for a:5432:d:u: " + file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(url.whyNoPassword(server))
                .hasValueSatisfying(why -> assertThat(why).contains("chmod 600 " + file));
        Files.delete(file);
        assertThat(url.whyNoPassword(server)).isEmpty();
        assertThat(parse("postgresql://u:p@a/d").whyNoPassword(server)).isEmpty();
    }

    private static DatabaseUrl parse(String text) {
        return DatabaseUrl.parse(text, Map.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://h/d",
                "mysql://h/d",
                "h:5432/d",
                "postgresql://h:0/d",
                "postgresql://h:port/d",
                "postgresql://a,b,c:1,2:3:4/d",
                "postgresql:///d?host=a,b,c&port=1,2",
                "postgresql://h/d?sslmode=maybe",
                "postgresql://h/d?colour=red",
                "postgresql://u:topsecret%@h/d",
                "postgresql://u:topsecret/x@h/d",
                "postgresql://u:x?topsecret@h/d",
                "postgresql://u:x?topsecret=y@h/d",
                "postgresql://u:x#topsecret@h/d",
            })
    void refusesTheRestWithoutThePassword(String url) {
        assertThatThrownBy(() -> DatabaseUrl.parse(url, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .isNotBlank()
                .doesNotContain("topsecret");
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(
                        () -> parse("postgresql://a,b:1,2:x/d?sslmode=maybe&sslcert=/no/file&keepalives=often&service=s"
                                + "&channel_binding=never&target_session_attrs=standby&colour=red"))
                .message()
                .contains(
                        "valid port", "sslmode", "/no/file", "sslkey", "keepalives", "service files", "channel_binding")
                .contains("target_session_attrs", "colour");
    }

    @Test
    void keywordsAndValuesAreNamed() {
        assertThatThrownBy(() -> parse("host=h dbname=d password=topsecret"))
                .message()
                .contains("keywords and values", "postgresql://")
                .doesNotContain("topsecret");
    }

    @Test
    void showsNoPassword() {
        assertThat(DatabaseUrl.parse("postgresql://u:topsecret@h/d", Map.of()))
                .asString()
                .doesNotContain("topsecret");
    }
}
