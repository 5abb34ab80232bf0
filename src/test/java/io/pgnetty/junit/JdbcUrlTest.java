package io.pgnetty.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.config.DatabaseTls;
import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.SslMode;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.postgresql.Driver;

/** As PostgreSQL's driver reads it. */
class JdbcUrlTest {

    @Test
    void hasServersLoginAndEncryption() {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://a%20b:p%26%2F%3D@h1:5433,h2:5434/d%3Fb", Map.of());
        DatabaseTls tls = new DatabaseTls(SslMode.VERIFY_FULL, "/a b/ca.pem", null, null, null, true, false);
        Properties read = Driver.parseURL(
                JdbcUrl.of(new DatabaseUrl(
                        url.servers(), url.user(), url.password(), url.database(), tls, url.session(), null)),
                new Properties());
        assertThat(read)
                .containsEntry("PGHOST", "h1,h2")
                .containsEntry("PGPORT", "5433,5434")
                .containsEntry("PGDBNAME", "d?b")
                .containsEntry("user", "a b")
                .containsEntry("password", "p&/=")
                .containsEntry("sslmode", "verify-full")
                .containsEntry("sslrootcert", "/a b/ca.pem")
                .containsEntry("targetServerType", "primary")
                .doesNotContainKeys("sslcert", "sslfactory", "sslNegotiation");
    }

    /** The driver would look for a file that nobody has named. */
    @Test
    void believesWhomTheBridgeBelieves() {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u@h/d?sslmode=verify-full&sslnegotiation=direct", Map.of());
        assertThat(Driver.parseURL(JdbcUrl.of(url), new Properties()))
                .containsEntry("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory")
                .containsEntry("sslNegotiation", "direct")
                .doesNotContainKey("targetServerType");
    }

    @Test
    void saysThatTheDriverHasNoUnixSockets() {
        assertThatThrownBy(() -> JdbcUrl.of(DatabaseUrl.parse("postgresql://u@%2Fvar%2Frun/d", Map.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("JDBC has no Unix sockets");
    }
}
