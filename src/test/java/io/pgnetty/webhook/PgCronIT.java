package io.pgnetty.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnetty.testing.PgCronServer;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The recipe with pg_cron, as it is printed but for its minutes, with the real one. It knows no shorter time than one. */
class PgCronIT {

    @Test
    void aJobSendsAsWhoScheduledIt() throws Exception {
        assumeTrue(PgCronServer.isInstalled(), "pg_cron is not installed");
        String recipe = Files.readString(Path.of("docs", "recipes.md"))
                .lines()
                .filter(line -> line.startsWith("select cron.schedule("))
                .findFirst()
                .orElseThrow();
        try (PgCronServer server = new PgCronServer();
                Target target = new Target()) {
            TestDatabase database = server.database();
            database.run("create extension pg_cron");
            database.run("create role app login; grant usage on schema cron to app");
            TestPostgres.install(database, "app");
            try (TestBridge bridge = TestBridge.start(database)) {
                database.as("app")
                        .run(recipe.replace("*/5 * * * *", "* * * * *")
                                .replace("https://api.example.com", target.url("")));
                Awaitility.await()
                        .atMost(Duration.ofSeconds(100))
                        .until(() ->
                                !database.rows("select from net._http_response").isEmpty());
                assertThat(bridge.bridge().inFlight()).isZero();
            }
            assertThat(target.requests()).extracting(Target.Request::uri).containsOnly("/ping");
            assertThat(database.rows("select queued_by, status_code from net._http_response limit 1"))
                    .containsExactly(List.of("app", "200"));
        }
    }
}
