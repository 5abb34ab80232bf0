package io.pgnetty.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What options of egress, TLS and the admin port say where they are wrong or open more than is meant. */
class EgressOptionsTest {

    @TempDir
    Path folder;

    private static ConfigReader reader(Map<Setting, String> settings) {
        Map<Setting, String> all = new EnumMap<>(settings);
        all.put(Setting.URL, "postgresql://u@h/d");
        return new ConfigReader(all, Map.of());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.0.0.0/0 | is more than one network",
                "::/0 | is more than one network",
                "128.0.0.0/1 | is more than one network",
                "169.254.0.0/16 | cloud's metadata",
                "169.254.169.254 | cloud's metadata",
                "*.com | is a suffix below which anybody can have a name",
                "*.co.uk | is a suffix below which anybody can have a name",
                "*.github.io | is a suffix below which anybody can have a name",
                "*.internal:8080 | is a suffix below which anybody can have a name",
            })
    void whatOpensMoreIsSaid(String entry, String warning) {
        ConfigReader reader = reader(Map.of(Setting.EGRESS_ALLOW, entry));
        reader.read(false);
        assertThat(reader.warnings())
                .singleElement()
                .asString()
                .startsWith("--egress-allow: " + entry.strip() + " ")
                .contains(warning);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/8", "fd00::/16", "*.example.com", "api.example.co.uk", "127.0.0.1:8080", "com"})
    void whatIsMeantIsNot(String entry) {
        ConfigReader reader = reader(Map.of(Setting.EGRESS_ALLOW, entry));
        reader.read(false);
        assertThat(reader.warnings()).isEmpty();
    }

    @Test
    void whatIsWrongIsSaidAtOnce() throws IOException {
        Path token = folder.resolve("token");
        Files.writeString(token, "short");
        Map<Setting, String> wrong = new EnumMap<>(Map.of(
                Setting.EGRESS_NAT64, "64:ff9b:1::/95",
                Setting.EGRESS_PROXY, "http://user:password@proxy:3128",
                Setting.EGRESS_PROXY_SECRET, "user:password",
                Setting.EGRESS_TRUST_PROXY, "yes",
                Setting.TLS_MIN, "1.1",
                Setting.TLS_CA, folder + "/none",
                Setting.ADMIN, "0.0.0.0:9464",
                Setting.ADMIN_TOKEN_FILE, token.toString(),
                Setting.ADMIN_HOST, "a b"));
        Files.createDirectories(folder.resolve("hosts/api.example"));
        Files.writeString(folder.resolve("hosts/api.example/ca.crt"), "none");
        wrong.put(Setting.TLS_HOSTS, folder.resolve("hosts").toString());
        wrong.put(Setting.ADMIN_TLS_CERT, token.toString());
        assertThatThrownBy(() -> reader(wrong).read(false))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        e -> assertThat(e.getMessage())
                                .contains(
                                        "--egress-nat64: must be an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits",
                                        "--egress-proxy: must not have user and password",
                                        "--egress-proxy-secret: must be the name of a secret, not its value",
                                        "--egress-trust-proxy: must be true or false",
                                        "--tls-min: must be 1.2 or 1.3",
                                        "--tls-ca: must be a file that can be read",
                                        "ca.crt has no certificate in PEM",
                                        "--admin-token-file: must have a token of 16 characters",
                                        "--admin-host: is not a valid host",
                                        "--admin-tls-cert and --admin-tls-key: need each other")
                                .doesNotContain("user:password@", "short"));
    }

    @Test
    void beyondLoopbackTheAdminPortNeedsAToken() throws IOException {
        Path token = folder.resolve("token");
        Files.writeString(token, "0123456789abcdef");
        assertThatThrownBy(() -> reader(Map.of(Setting.ADMIN, "0.0.0.0:9464")).read(false))
                .hasMessageContaining("can be reached from other machines", "--admin-token-file");
        assertThat(reader(Map.of(Setting.ADMIN, "0.0.0.0:9464", Setting.ADMIN_TOKEN_FILE, token.toString()))
                        .read(false)
                        .admin()
                        .tokenFile())
                .isEqualTo(token);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://proxy:1", "proxy:1", "http://proxy", "http://proxy:0", "http://proxy:1/path"})
    void aProxyIsHostAndPort(String url) {
        assertThatThrownBy(() -> reader(Map.of(Setting.EGRESS_PROXY, url)).read(false))
                .hasMessageContaining("--egress-proxy: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fd00::/8", "::/0", "64:ff9b:1::/3", "64:ff9b:1::/128", "10.0.0.0/32"})
    void aNat64PrefixHasALengthOfItsOwn(String prefix) {
        assertThatThrownBy(() -> reader(Map.of(Setting.EGRESS_NAT64, prefix)).read(false))
                .hasMessageContaining("must be an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits");
    }

    @Test
    void whatBelongsToAProxyNeedsOne() {
        assertThatThrownBy(
                        () -> reader(Map.of(Setting.EGRESS_TRUST_PROXY, "true")).read(false))
                .hasMessageContaining("--egress-trust-proxy: needs --egress-proxy");
    }
}
