package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a bridge that has nothing to do costs the database, and how soon it works again. */
class AtRestIT {

    @Test
    void anIdleDatabaseStaysIdle() throws IOException, InterruptedException {
        TestPostgres server = TestPostgres.start("17", Map.of("autovacuum", "off", "checkpoint_timeout", "1h"));
        TestDatabase database = server.installed();
        try (Target target = new Target();
                TestBridge bridge = TestBridge.start(database, Map.of(Setting.FALLBACK_POLL, "5s"))) {
            database.run("select net.http_get('" + target.url("/") + "')");
            Awaitility.await().until(() -> target.count() == 1);
            // Until it rests, and for two minutes then.
            TimeUnit.SECONDS.sleep(75);
            long before = statements(database);
            String wal = database.one("select pg_current_wal_lsn()");
            TimeUnit.SECONDS.sleep(120);
            long bytes = Long.parseLong(database.one("select pg_current_wal_lsn() - '" + wal + "'"));
            // Those that ask here are two.
            long statements = statements(database) - before - 3;
            System.out.printf("at rest, in two minutes: %d statements, %d bytes of WAL%n", statements, bytes);
            assertThat(statements).isLessThanOrEqualTo(40);
            assertThat(bytes).isLessThanOrEqualTo(8_000);

            long started = System.nanoTime();
            database.run("select net.http_get('" + target.url("/") + "')");
            Awaitility.await().pollInterval(Duration.ofMillis(2)).until(() -> target.count() == 2);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(1));
            // A session that does not notify.
            TimeUnit.SECONDS.sleep(65);
            database.run("set net.quiet = on; select net.http_get('" + target.url("/") + "')");
            Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> target.count() == 3);
            assertThat(bridge.bridge().health().whyNotReady()).isEmpty();
        } finally {
            server.stop();
        }
    }

    /** Each of the bridge's statements is a transaction of its own. */
    private static long statements(TestDatabase database) throws InterruptedException {
        // Sessions that are idle report after a second.
        TimeUnit.SECONDS.sleep(2);
        return Long.parseLong(database.one(
                "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()"));
    }
}
