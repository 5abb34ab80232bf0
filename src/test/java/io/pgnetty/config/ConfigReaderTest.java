package io.pgnetty.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("quick")
class ConfigReaderTest {

    private static final String URL = "postgresql://u:secret@h/db";

    @TempDir
    Path folder;

    @Test
    void defaults() {
        Config config = new ConfigReader(Map.of(Setting.URL, URL), Map.of()).read(false);

        assertThat(config.database().url()).hasToString("postgresql://u@h:5432/db");
        assertThat(config.database().listenUrl()).isEqualTo(config.database().url());
        assertThat(config.database().pooled()).isFalse();
        assertThat(config.database().lease()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.database().fallbackPoll()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.database().responseTtl()).isEqualTo(Duration.ofHours(6));
        assertThat(config.database().deadLetterTtl()).isEqualTo(Duration.ofDays(14));
        assertThat(config.database().maxQueued()).isEqualTo(5_000_000);
        assertThat(config.delivery().concurrency()).isEqualTo(256);
        assertThat(config.delivery().maxRequestBytes()).isEqualTo(10 << 20);
        assertThat(config.delivery().maxResponseBytes()).isEqualTo(10 << 20);
        assertThat(config.delivery().drainTimeout()).isEqualTo(Duration.ofSeconds(25));
        assertThat(config.egress()).isEqualTo(new Config.Egress(java.util.List.of(), java.util.List.of()));
        assertThat(config.admin())
                .isEqualTo(new Config.Admin(new HostPort("127.0.0.1", 9464), null, null, java.util.Set.of(), null));
        assertThat(config.logFormat()).isEqualTo(LogFormat.JSON);
        assertThat(new ConfigReader(Map.of(), Map.of("DATABASE_URL", URL))
                        .read(true)
                        .logFormat())
                .isEqualTo(LogFormat.TEXT);
    }

    @Test
    void whatIsLoggedAtTheStartHasNoSecrets() {
        Config config = new ConfigReader(
                        Map.of(Setting.URL, URL, Setting.TRACES, "https://traces.example/v1?key=hidden"), Map.of())
                .read(false);

        assertThat(config.summary())
                .contains("traces=https://traces.example/v1 ")
                .doesNotContain("hidden")
                .doesNotContain("secret");
    }

    @Test
    void theDocsHaveEachOptionWithItsDefault() throws IOException {
        String docs = Files.readString(Path.of("docs/configuration.md"));
        for (Setting setting : Setting.values()) {
            assertThat(docs)
                    .as(setting.option())
                    .contains("| `" + setting.option() + "` | "
                            + setting.defaultText()
                                    .map(text -> "`" + text + "`")
                                    .orElse(""));
        }
    }

    @Test
    void commandLineBeforeEnvironmentBeforeFileBeforeDefault() throws IOException {
        Path file = Files.writeString(
                folder.resolve("c"),
                "url=" + URL + "\nconcurrency = 1\nlease = 11s\nfallback-poll = 1s\nresponse-ttl = 1h\n");
        Config config = new ConfigReader(
                        Map.of(Setting.CONCURRENCY, "3"), Map.of("PGNETTY_CONCURRENCY", "2", "PGNETTY_LEASE", "12s"))
                .withFile(file)
                .read(false);

        assertThat(config.delivery().concurrency()).isEqualTo(3);
        assertThat(config.database().lease()).isEqualTo(Duration.ofSeconds(12));
        assertThat(config.database().fallbackPoll()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.delivery().drainTimeout()).isEqualTo(Duration.ofSeconds(25));
    }

    @Test
    void anOldNameIsAnErrorThatSaysTheNewOne() throws IOException {
        Path file = Files.writeString(folder.resolve("old"), "url=" + URL + "\nslow-poll = 1s\n");
        assertThatThrownBy(() -> new ConfigReader(Map.of(), Map.of("PGNETTY_SLOW_POLL", "1s"))
                        .withFile(file)
                        .read(false))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        wrong -> assertThat(wrong.problems())
                                .containsExactly(
                                        "PGNETTY_SLOW_POLL is called PGNETTY_FALLBACK_POLL now",
                                        "--config: " + file
                                                + " has the key slow-poll, which is called fallback-poll now"));
    }

    @Test
    void libpqsVariablesServeWithoutAUrl() {
        Config config = new ConfigReader(
                        Map.of(),
                        Map.of(
                                "PGHOST",
                                "db",
                                "PGPORT",
                                "6543",
                                "PGUSER",
                                "me",
                                "PGPASSWORD",
                                "p",
                                "PGDATABASE",
                                "d",
                                "PGSSLMODE",
                                "verify-full"))
                .read(false);

        assertThat(config.database().url())
                .isEqualTo(DatabaseUrl.parse("postgresql://me:p@db:6543/d?sslmode=verify-full", Map.of()));
    }

    @Test
    void everyProblemIsSaidAtOnceAndNoSecret() throws IOException {
        Path file = Files.writeString(folder.resolve("c"), "leese = 1s\n");
        ConfigReader reader = new ConfigReader(
                        Map.of(
                                Setting.URL, "postgresql://u:hunter2%zz@h/db",
                                Setting.CONCURRENCY, "0",
                                Setting.DRAIN_TIMEOUT, "soon",
                                Setting.LEASE, "1ms",
                                Setting.FALLBACK_POLL, "1ms",
                                Setting.EGRESS_ALLOW, "10.0.0.0/8,no such,1.2.3.4/99",
                                Setting.ADMIN, "0.0.0.0:9464",
                                Setting.PROBES, "here",
                                Setting.LOG_FORMAT, "xml",
                                Setting.MAX_RESPONSE_BYTES, "ten"),
                        Map.of())
                .withFile(file);

        assertThatThrownBy(() -> reader.read(false)).isInstanceOfSatisfying(ConfigException.class, error -> {
            assertThat(error.problems()).hasSize(12);
            assertThat(String.join("\n", error.problems()))
                    .contains(
                            "leese",
                            "--url",
                            "--concurrency",
                            "--drain-timeout",
                            "--lease",
                            "--fallback-poll",
                            "no such",
                            "1.2.3.4/99",
                            "--admin",
                            "--probes",
                            "--log-format",
                            "--max-response-bytes")
                    .doesNotContain("hunter2");
        });
    }

    @Test
    void aVariableThatIsNearlyASettingIsNamed() {
        assertThat(new ConfigReader(
                                Map.of(),
                                Map.of(
                                        "PGNETTY_CONCURENCY", "5",
                                        "PGNETTY_DRAIN_TIMEOUTS", "5s",
                                        "PGNETTY_LEASE", "30s",
                                        "PGNETTY_PORT", "tcp://10.0.0.1:9464",
                                        "PGNETTY_SERVICE_HOST", "10.0.0.1",
                                        "PGNETTY_SECRET_TOKEN", "x"))
                        .warnings())
                .containsExactly(
                        "PGNETTY_CONCURENCY is not a setting and is ignored: PGNETTY_CONCURRENCY is one",
                        "PGNETTY_DRAIN_TIMEOUTS is not a setting and is ignored: PGNETTY_DRAIN_TIMEOUT is one");
    }

    @Test
    void theUrlOfAConfigurationFileIsReadAgain(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("c"), "url = postgresql://me:one@db/d\n");
        DatabaseUrl url = new ConfigReader(Map.of(), Map.of()).withFile(file).readUrl();
        assertThat(url.latest().password()).isEqualTo("one");
        Files.writeString(file, "url = postgresql://me:two@db2/d\n");
        assertThat(url.latest().password()).isEqualTo("two");
        assertThat(url.latest().place()).isEqualTo("db2:5432/d");
        Files.writeString(file, "");
        assertThatThrownBy(url::latest)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no url");
    }

    @Test
    void theUrlOrItsPasswordComesFromAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), "postgresql://me:one@db/d\n");
        DatabaseUrl url = new ConfigReader(
                        Map.of(Setting.URL_FILE, file.toString()), Map.of("DATABASE_URL", "postgresql://x@y/z"))
                .readUrl();
        assertThat(url.place()).isEqualTo("db:5432/d");
        assertThat(url.password()).isEqualTo("one");
        Files.writeString(file, "postgresql://me:two@db/d");
        assertThat(url.latest().password()).isEqualTo("two");

        Files.writeString(file, "p/w@:?# \n");
        DatabaseUrl given = new ConfigReader(
                        Map.of(Setting.URL, "postgresql://me@db/d", Setting.URL_FILE, file.toString()), Map.of())
                .readUrl();
        assertThat(given.password()).isEqualTo("p/w@:?#");

        for (String wrong : List.of("", "hunter2")) {
            Files.writeString(file, wrong);
            assertThatThrownBy(() -> new ConfigReader(Map.of(Setting.URL_FILE, file.toString()), Map.of()).readUrl())
                    .isInstanceOf(ConfigException.class)
                    .message()
                    .contains("--url-file: ", file.toString())
                    .doesNotContain("hunter2");
        }
        assertThatThrownBy(() -> new ConfigReader(Map.of(Setting.URL_FILE, folder + "/none"), Map.of()).readUrl())
                .hasMessageContaining("--url-file: cannot read ");
    }
}
