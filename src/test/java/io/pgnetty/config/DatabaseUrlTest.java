package io.pgnetty.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("quick")
class DatabaseUrlTest {

    @Test
    void readsWhatLibpqReads() {
        assertThat(DatabaseUrl.parse(
                        "postgres://us%40er:p%2Fa%3As%25s@db.example:6000/my%20db?sslmode=verify-ca&sslrootcert=/ca.pem",
                        Map.of()))
                .isEqualTo(new DatabaseUrl(
                        "db.example", 6000, "us@er", "p/a:s%s", "my db", SslMode.VERIFY_CA, "/ca.pem", null));
        assertThat(DatabaseUrl.parse("postgresql://[::1]:5/x", Map.of("PGUSER", "u"))
                        .host())
                .isEqualTo("::1");
        assertThat(DatabaseUrl.parse("postgresql:///d?host=/run/pg&user=u", Map.of())
                        .isUnixSocket())
                .isTrue();
        assertThat(DatabaseUrl.parse("postgresql://a+b:c+d@h", Map.of()).password())
                .isEqualTo("c+d");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://h/d",
                "mysql://h/d",
                "h:5432/d",
                "postgresql://h:0/d",
                "postgresql://h:port/d",
                "postgresql://a,b/d",
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
    void showsNoPassword() {
        assertThat(DatabaseUrl.parse("postgresql://u:topsecret@h/d", Map.of()))
                .asString()
                .doesNotContain("topsecret");
    }
}
