package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What net.requests says of requests that are due and are not sent. Times are shown in the reader's time zone. */
class WaitsForTest {

    private final TestDatabase database = TestPostgres.shared().installed();

    @Test
    void saysWhyItIsNotSentThoughItsTimeHasCome() {
        String id = queue("h.example");
        assertThat(waitsFor(id)).isEqualTo("a bridge: none is running");
        database.run("update net.http_request_queue set due_at = now() + interval '1 hour', state = 'waiting'");
        assertThat(waitsFor(id)).isNull();
        database.run("delete from net.http_request_queue");

        String paused = queue("paused.example");
        database.run("select net.pause('*.example')");
        assertThat(waitsFor(paused)).isEqualTo("net.resume('*.example'), as its host is paused");
        assertThat(database.one("select message from net.http_get_result(" + paused + ", false, 20)"))
                .isEqualTo(
                        "request is still under way after 20 ms: it waits for net.resume('*.example'), as its host is paused");
        database.run("select net.resume('*.example')");

        String then = database.one("select timestamptz '2100-01-01 00:00:00+00'::text");
        String broken = queue("broken.example");
        host("broken.example", "breaker_open_until", "'2100-01-01 00:00:00+00'");
        assertThat(waitsFor(broken)).isEqualTo("its host, whose circuit breaker is open until " + then);
        assertThat(database.one("select status from net.requests where id = " + broken))
                .isEqualTo("blocked");
        database.run("update net.hosts set breaker_open_until = '2000-01-01'");
        assertThat(waitsFor(broken)).isEqualTo("a probe of its host, whose circuit breaker is open");

        String behind = queue("h.example");
        database.run("update net.http_request_queue set state = 'behind' where id = " + behind);
        assertThat(waitsFor(behind)).isEqualTo("an older request with its ordering_key");

        // A bridge that runs takes what nothing holds up.
        database.run("insert into net.bridges (bridge, name, version, state, in_flight, step) values"
                + " (gen_random_uuid(), 'b', '1', 'running', 0, 18)");
        assertThat(waitsFor(queue("h.example"))).isNull();
    }

    @Test
    void saysWhichLimitIsUsedUp() throws IOException {
        CountDownLatch latch = new CountDownLatch(1);
        try (Target target = new Target();
                TestBridge bridge = TestBridge.start(database)) {
            bridge.awaitReady();
            target.hold("/held", latch);
            String call = "select net.http_get('" + target.url("/held") + "', timeout_milliseconds := 60000)";

            database.run("select net.set_host_rule('127.0.0.1', max_in_flight := 1)");
            database.run(call);
            Awaitility.await().until(() -> target.count() == 1);
            awaitWaitsFor(database.one(call), "one of the 1 slots of its host");
            database.run(
                    "delete from net.http_request_queue; select net.set_host_rule('127.0.0.1', max_in_flight := null)");
            latch.countDown();
            Awaitility.await()
                    .until(() -> bridge.bridge().inFlight() + bridge.bridge().unrecorded() == 0);

            database.run("select net.set_host_rule('127.0.0.1', per_second := 0.01)");
            database.run("select net.http_get('" + target.url("/a") + "') from generate_series(1, 2)");
            awaitWaitsFor(
                    database.one("select max(id) from net.http_request_queue"),
                    "the rate limit of its host, 0.01 a second");
            database.run("delete from net.http_request_queue; select net.drop_host_rule('127.0.0.1')");

            database.run("select net.set_role_rule(current_user, per_second := 0.01)");
            database.run("select net.http_get('" + target.url("/b") + "') from generate_series(1, 2)");
            awaitWaitsFor(
                    database.one("select max(id) from net.http_request_queue"),
                    "the rate limit of role " + database.one("select current_user::regrole") + ", 0.01 a second");
        }
    }

    private void awaitWaitsFor(String id, String expected) {
        Awaitility.await().until(() -> waitsFor(id), expected::equals);
    }

    @Test
    void saysThatItsTransactionIsStillOpen() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            String id = TestDatabase.rows(statement, "select net.http_get('http://h.example/')")
                    .get(0)
                    .get(0);
            String waitsFor = "select waits_for from net.requests where id = " + id;
            assertThat(TestDatabase.rows(statement, waitsFor))
                    .containsExactly(List.of("the commit of this transaction"));
            connection.commit();
            assertThat(TestDatabase.rows(statement, waitsFor)).containsExactly(List.of("a bridge: none is running"));
        }
    }

    private String queue(String host) {
        return database.one("select net.http_get('http://" + host + "/')");
    }

    private void host(String host, String column, String value) {
        database.run("insert into net.hosts (host, patterns, " + column + ") values ('" + host + "', net.patterns_of('"
                + host + "'), " + value + ")");
    }

    private String waitsFor(String id) {
        return database.rows("select waits_for from net.requests where id = " + id)
                .get(0)
                .get(0);
    }
}
