package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The session's {@code net.traceparent} in the headers of what it queues. */
class TraceparentTest {

    private static final String ONE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String OTHER = "00-11111111111111111111111111111111-2222222222222222-00";

    private final TestDatabase database = TestPostgres.shared().installed();

    private String headers(String statements) {
        database.run("delete from net.http_request_queue");
        database.run(statements);
        return database.one(
                "select string_agg(coalesce(headers->>'traceparent', '-'), ' ' order by id) from net.http_request_queue");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select net.http_get('http://x/')",
                "select net.http_post('http://x/', '{\"a\": 1}', headers := '{\"X-A\": \"b\"}')",
                "select net.http_request('PUT', 'http://user:word@x/', '{}', max_attempts := 3, idempotency_key := 'key')",
                "select net.http_request('GET', 'http://x/', not_before := now() + interval '1 h')",
                "insert into net.http_request_queue (method, url, headers, timeout_milliseconds) values ('GET', 'http://x/', '{}', 1000)",
            })
    void eachWayIntoTheQueueTakesIt(String call) {
        assertThat(headers("set net.traceparent = '" + ONE + "'; " + call)).isEqualTo(ONE);
        // The next session, and the same one without it, have none.
        database.run("delete from net.http_request_queue");
        assertThat(headers(call)).isEqualTo("-");
    }

    @Test
    void itIsThatOfTheStatementInWhichTheCallIsMade() {
        assertThat(headers("set net.traceparent = '" + ONE + "'; select net.http_get('http://x/1');"
                        + " set net.traceparent = '" + OTHER + "'; select net.http_get('http://x/2');"
                        + " reset net.traceparent; select net.http_get('http://x/3');"
                        + " set local net.traceparent = '" + ONE + "'; select net.http_get('http://x/4')"))
                .isEqualTo(ONE + " " + OTHER + " - " + ONE);
    }

    /** What a request says itself counts, also that it has none. */
    @Test
    void aHeaderOfItsOwnStays() {
        assertThat(headers("set net.traceparent = '" + ONE
                        + "'; select net.http_get('http://x/', headers := '{\"traceparent\": \"" + OTHER + "\"}')"))
                .isEqualTo(OTHER);
        assertThat(headers("set net.traceparent = '" + ONE
                        + "'; select net.http_get('http://x/', headers := '{\"TraceParent\": \"" + OTHER + "\"}')"))
                .isEqualTo("-");
        assertThat(headers("set net.traceparent = '" + ONE
                        + "'; select net.http_get('http://x/', headers := '{\"traceparent\": null}')"))
                .isEqualTo("-");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00-00000000000000000000000000000000-0000000000000000-00",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            })
    void noSpanIsNone(String none) {
        assertThat(headers("set net.traceparent = '" + none + "'; select net.http_get('http://x/')"))
                .isEqualTo("-");
    }

    @Test
    void aLaterVersionOfTheHeaderIsTakenAsItIs() {
        String later = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assertThat(headers("set net.traceparent = '" + later + "'; select net.http_get('http://x/')"))
                .isEqualTo(later);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\nX-Injected: 1",
                " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-{{secret:x}}",
            })
    void whatIsNoneIsRefusedInTheCall(String wrong) {
        assertThatThrownBy(
                        () -> database.run("set net.traceparent = '" + wrong + "'; select net.http_get('http://x/')"))
                .hasMessageContaining("net.traceparent must be as W3C Trace Context has it");
        assertThat(database.one("select count(*) from net.http_request_queue")).isEqualTo("0");
    }

    /** The trace of a letter is that of its call, not of who sends it again. */
    @Test
    void aDeadLetterKeepsIts() {
        database.run(
                "insert into net.dead_letter (id, method, url, headers, host, timeout_milliseconds, queued_by, created, max_attempts, error_msg,"
                        + " failures, idempotency_key, priority, fire_and_forget, keep_failed)"
                        + " values (7, 'GET', 'http://x/', '{\"traceparent\": \"" + ONE
                        + "\"}', 'x', 1000, current_user::regrole, now(), 1, 'why',"
                        + " 1, gen_random_uuid(), 0, false, true)");
        assertThat(headers("set net.traceparent = '" + OTHER + "'; select net.redeliver(7)"))
                .isEqualTo(ONE);
    }
}
