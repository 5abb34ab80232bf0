package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.PgBouncer;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log of a server that logs everything has of a bridge. */
class ServerLogTest {

    private static final String ANSWER = "topsecret answer";

    @TempDir
    private Path folder;

    @Test
    void aStatementIsALineWithItsNameAndWithoutBodies() throws IOException {
        assertLog(false);
    }

    @Test
    void soItIsBehindAPooler() throws IOException {
        Assumptions.assumeTrue(PgBouncer.installed(), "pgbouncer is not installed");
        assertLog(true);
    }

    private void assertLog(boolean pooled) throws IOException {
        TestPostgres server = TestPostgres.start(
                "17",
                Map.of(
                        "logging_collector", "on",
                        "log_directory", folder.toString(),
                        "log_min_messages", "warning",
                        "log_statement", "all",
                        "log_line_prefix", "@",
                        "log_parameter_max_length_on_error", "-1"));
        try (Target target = new Target()) {
            target.respond("/", 200, Map.of("content-type", "text/plain"), ANSWER.getBytes(StandardCharsets.UTF_8));
            TestDatabase database = server.installed();
            Map<Setting, String> settings = pooled
                    ? Map.of(
                            Setting.URL,
                            PgBouncer.inFrontOf(database).url(database),
                            Setting.LISTEN_URL,
                            database.text())
                    : Map.of();
            try (TestBridge bridge = TestBridge.start(database, settings)) {
                database.run("select net.http_get('" + target.url("/") + "')");
                Awaitility.await()
                        .until(() -> database.one("select count(*) from net._http_response")
                                .equals("1"));
                bridge.awaitReady();
            }
            List<String> statements = lines().stream()
                    .filter(line -> line.contains("/* pgnetty:"))
                    // The two statements of a deadlock.
                    .filter(line -> !line.startsWith("\tProcess"))
                    .toList();
            assertThat(statements)
                    .anyMatch(line -> line.contains("/* pgnetty:claim */ select"))
                    .anyMatch(line -> line.contains("/* pgnetty:complete */"))
                    .allMatch(line -> line.startsWith("@"));
            assertThat(lines()).noneMatch(line -> line.contains(ANSWER));
        } finally {
            server.stop();
        }
    }

    private List<String> lines() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.flatMap(ServerLogTest::linesOf).toList();
        }
    }

    private static Stream<String> linesOf(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
