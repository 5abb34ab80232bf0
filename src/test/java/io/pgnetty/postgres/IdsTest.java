package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.observe.Event;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids after their sequence was set back. */
class IdsTest {

    private final TestDatabase database = TestPostgres.shared().installed();

    /** Each of the tables that know the newest id. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into net._http_response (id, status_code, queued_by) values (1000, 200, current_user::regrole)",
                "insert into net.attempts (id, attempt, started, queued_by, bridge) values (1000, 1, now(), current_user::regrole, 'b')",
                "insert into net.dead_letter (id, method, url, headers, timeout_milliseconds, host, queued_by, created, failures, error_msg,"
                        + " max_attempts, priority, idempotency_key, fire_and_forget, keep_failed) values (1000, 'GET', 'http://h/', '{}', 1, 'h',"
                        + " current_user::regrole, now(), 1, 'e', 1, 0, gen_random_uuid(), false, true)"
            })
    void installAndABridgeMoveTheSequenceOn(String newest) {
        database.run(newest + ";truncate net.http_request_queue restart identity");
        TestPostgres.install(database);
        assertNew("2001");
        database.run("truncate net.http_request_queue restart identity");
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge.events(Event.IdsAdvanced.class)).containsExactly(new Event.IdsAdvanced(2000));
            assertNew("2001");
        }
    }

    @Test
    void aSequenceThatIsAheadStays() {
        database.run(
                "select net.http_get('http://h.example/') from generate_series(1, 5); truncate net.http_request_queue");
        TestPostgres.install(database);
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge.events(Event.IdsAdvanced.class)).isEmpty();
            assertNew("6");
        }
    }

    private void assertNew(String id) {
        assertThat(database.one(
                        "select net.http_request('GET', 'http://10.0.0.1/', not_before := now() + interval '1 h')"))
                .isEqualTo(id);
        assertThat(database.one("select net.http_request_status(" + id + ")")).isEqualTo("scheduled");
    }
}
