package io.pgnetty.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rows that no statement can move: refused in the call; and where one is there all the same, it holds up no other. */
class AttackRowsTest {

    private final Target target = new Target();

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    @Test
    void aHostThatNoIndexTakesIsRefusedInTheCall() {
        TestDatabase database = TestPostgres.shared().installed();
        // Random, so that it cannot be compressed.
        String host = "(select string_agg(md5(i::text), '') from generate_series(1, 280) i)";
        for (String insert : List.of(
                "select net.http_request('GET', 'http://' || " + host + " || '.test/', not_before := now() + '2 s')",
                "insert into net.http_request_queue (method, url) select 'GET', 'http://' || " + host + " || '.test/'",
                "insert into net.new_request (method, url, not_before) select 'GET', 'http://' || " + host
                        + " || '.test/', now() + interval '2 s'")) {
            assertThatThrownBy(() -> database.run(insert)).as(insert).hasMessageContaining("253 characters");
        }
    }

    @Test
    void aRowThatCannotBeMadeDueIsParkedAndHoldsUpNoOther() {
        TestDatabase database = TestPostgres.shared().installed();
        database.run("select net.http_request('GET', '" + target.url("/") + "', not_before := now() + interval '1 h')"
                + " from generate_series(1, 5)");
        // As an earlier version let it in.
        database.run("update net.http_request_queue set host = (select string_agg(md5(i::text), '') from"
                + " generate_series(1, 280) i) where id = 3;"
                + " update net.http_request_queue set due_at = now() - interval '1 s'");
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge).isNotNull();
            awaitResponses(database, 4);
            assertThat(database.one("select error_msg from net.my_requests where id = 3 and status = 'failed'"))
                    .contains("cannot be made due", "index row");
            // And what comes later goes on.
            database.run("select net.http_request('GET', '" + target.url("/")
                    + "', not_before := clock_timestamp() + '1 s')");
            awaitResponses(database, 5);
        }
    }

    @Test
    void bytesThatAreNoTextAreRefusedInASqlAsciiDatabase() {
        TestDatabase database = TestPostgres.install(TestPostgres.shared().empty("SQL_ASCII"));
        for (String call : List.of(
                "net.http_get(E'http://127.0.0.1/\\xff\\xfe')",
                "net.http_get('http://127.0.0.1/', params := jsonb_build_object('a', E'\\xff'))",
                "net.http_get('http://127.0.0.1/', headers := jsonb_build_object('X', E'\\xff'))",
                "net.http_request(E'G\\xff', 'http://127.0.0.1/')",
                "net.http_request('GET', 'http://127.0.0.1/', idempotency_key := E'\\xff')")) {
            if (!call.contains("params")) {
                assertThatThrownBy(() -> database.run("select " + call))
                        .as(call)
                        .hasMessageContaining("valid UTF-8");
            }
        }
        assertThatThrownBy(() -> database.run(
                        "insert into net.http_request_queue (method, url) values ('GET', E'http://127.0.0.1/\\xff')"))
                .hasMessageContaining("valid UTF-8");
        // Encoded it is ASCII; and a body is bytes.
        database.run("select net.http_get('http://127.0.0.1/', params := jsonb_build_object('a', E'\\xff'))");
        database.run("select net.http_request('POST', 'http://127.0.0.1/', body_text := E'\\xff')");
    }

    @Test
    void aRowThatCannotBeReadIsParkedAndHoldsUpNoOther() {
        TestDatabase database = TestPostgres.install(TestPostgres.shared().empty("SQL_ASCII"));
        database.run("select net.http_get('" + target.url("/") + "') from generate_series(1, 5)");
        database.run("update net.http_request_queue set url = url || E'\\xff\\xfe' where id = 3");
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge).isNotNull();
            awaitResponses(database, 4);
            Awaitility.await()
                    .until(() -> database.one("select count(*) from net.my_requests where id = 3 and status = 'failed'"
                                    + " and error_msg like '%cannot be read%'")
                            .equals("1"));
        }
    }

    @Test
    void aRequestThatWasLostThreeTimesIsNotSentAgain() {
        TestDatabase database = TestPostgres.shared().installed();
        database.run("select net.http_get('" + target.url("/parked") + "');" + " select net.http_request('GET', '"
                + target.url("/dead") + "', keep_failed := true)");
        for (int i = 0; i < 3; i++) {
            // As bridges that died with it.
            database.run(
                    "insert into net.lease (bridge, host, role, until, ids) select gen_random_uuid(), host, queued_by,"
                            + " now() - interval '1 s', array_agg(id) from net.http_request_queue group by host, queued_by");
            database.run("select net.rescue(10, gen_random_uuid(), '1 s')");
        }
        assertThat(database.rows("select id, status from net.my_requests order by id"))
                .containsExactly(List.of("1", "failed"), List.of("2", "failed"));
        database.run("select net.bury_lost(10)");
        try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.FALLBACK_POLL, "100ms"))) {
            assertThat(bridge).isNotNull();
            assertThat(database.rows("select net.http_request_status(1), net.http_request_status(2)"))
                    .containsExactly(List.of("failed", "dead"));
            assertThat(database.one("select message from net.http_get_result(1)"))
                    .startsWith("Lost 3 times with its bridge");
            database.run("select net.http_get('" + target.url("/other") + "')");
            Awaitility.await().until(() -> target.count() == 1);
            database.run("select net.redeliver(2)");
            Awaitility.await().until(() -> target.count() == 2);
            assertThat(target.requests()).extracting(Target.Request::uri).containsExactly("/other", "/dead");
        }
    }

    private static void awaitResponses(TestDatabase database, int count) {
        Awaitility.await("responses")
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(database.one("select count(*) from net._http_response"))
                        .isEqualTo(String.valueOf(count)));
    }
}
