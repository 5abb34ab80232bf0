package io.pgnetty.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestDatabase;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** View net.requests: what was sent, beside what came back. And the options of a request on the calls for one method. */
@ParameterizedClass
@MethodSource("io.pgnetty.contract.Backend#all")
class RequestsContractTest extends Contract {

    @AfterEach
    void setBack() {
        database.run("select net.set_keep_request(false)");
    }

    @Test
    void showsWhatWasSentBesideWhatCameBack() {
        target.respond("/a", 400, Map.of("Content-Type", "application/json"), "{\"why\": \"no\"}".getBytes());
        String id = send("select net.http_post('" + target.url("/a?api_key=k1&page=2&sig=s%20x&monkey=&note=token")
                        + "', '{\"a\": 1}', headers := '{\"X-Token\": \"t\"}')")
                .id();

        assertThat(request(
                        id,
                        "status, method, url, status_code, content, content_type, attempt, host, bridge,"
                                + " queued_by, request_body, request_headers"))
                .isEqualTo(Arrays.asList(
                        "succeeded",
                        "POST",
                        target.url("/a?api_key=***&page=2&sig=***&monkey=***&note=token"),
                        "400",
                        "{\"why\": \"no\"}",
                        "application/json",
                        "1",
                        "127.0.0.1:" + target.port(),
                        "test",
                        database.one("select current_user"),
                        null,
                        null));
        assertThat(request(
                        id,
                        "created <= sent, sent <= finished, duration_ms > 0, finished - sent >= duration_ms * interval '1 ms',"
                                + " finished > clock_timestamp() - interval '1 min'"))
                .containsOnly("t");
        assertThat(database.one("select url from net._http_response where id = " + id))
                .doesNotContain("k1");
    }

    @Test
    void showsEachRequestOnceWhereverItIs() {
        target.inTurn("/again", Map.of("Retry-After", "600"), 503);
        target.inTurn("/dead", Map.of(), 503);
        String waits = queue("select net.http_get('" + target.url("/") + "', not_before := now() + interval '1 hour')");
        String retries = queue("select net.http_get('" + target.url("/again") + "', max_attempts := 2)");
        String dead = queue("select net.http_get('" + target.url("/dead") + "', keep_failed := true)");
        String done = queue("select net.http_get('" + target.url("/") + "')");
        String cancelled =
                queue("select net.http_put('" + target.url("/") + "', '{}', not_before := now() + interval '1 hour')");
        database.run("select net.cancel(" + cancelled + ")");
        Awaitility.await()
                .until(() -> status(retries).equals("retrying")
                        && status(dead).equals("dead")
                        && status(done).equals("succeeded"));

        String ids = String.join(", ", waits, retries, dead, done, cancelled);
        assertThat(database.rows(
                        "select id, status, method, status_code, error_msg, attempt from net.requests where id in ("
                                + ids + ") order by id"))
                .containsExactly(
                        Arrays.asList(waits, "scheduled", "GET", null, null, "0"),
                        Arrays.asList(retries, "retrying", "GET", "503", "HTTP 503", "1"),
                        Arrays.asList(dead, "dead", "GET", "503", "HTTP 503", "1"),
                        Arrays.asList(done, "succeeded", "GET", "200", null, "1"),
                        Arrays.asList(
                                cancelled,
                                "cancelled",
                                "PUT",
                                null,
                                "Cancelled by " + database.one("select current_user"),
                                "0"));
        // A dead letter outlives its response.
        database.run("delete from net._http_response where id = " + dead);
        assertThat(request(dead, "status, method, url, status_code"))
                .containsExactly("dead", "GET", target.url("/dead"), "503");
        assertThat(database.rows("select max_attempts from net.requests where id in (" + ids + ") order by id"))
                .containsExactly(List.of("1"), List.of("2"), List.of("1"), List.of("1"), List.of("1"));
        assertThat(request(retries, "bridge, duration_ms > 0, sent < now()")).containsExactly("test", "t", "t");
        database.run("select net.cancel(" + waits + "), net.cancel(" + retries + "), net.discard(" + dead + ")");
    }

    @Test
    void saysWhichBridgeIsSending() {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/held", latch);
        String id = queue("select net.http_get('" + target.url("/held") + "')");
        Awaitility.await().until(() -> target.count() == 1);
        assertThat(request(id, "status, attempt, bridge, waits_for"))
                .isEqualTo(Arrays.asList("in_flight", "1", "test", null));
        latch.countDown();
        Awaitility.await().until(() -> status(id).equals("succeeded"));
        assertThat(request(id, "attempt, bridge")).containsExactly("1", "test");
    }

    @Test
    void showsNobodyElses() {
        TestDatabase alice = database.as("alice");
        String id = alice.one("select net.http_get('" + target.url("/") + "', keep_request := true)");
        String waits =
                alice.one("select net.http_get('" + target.url("/") + "', not_before := now() + interval '1 hour')");
        Awaitility.await().until(() -> status(id).equals("succeeded"));
        String both = "select id from net.requests where id in (" + id + ", " + waits + ") order by id";

        assertThat(alice.rows(both)).containsExactly(List.of(id), List.of(waits));
        assertThat(database.rows(both)).hasSize(2);
        assertThat(database.as("bob").rows(both)).isEmpty();
        assertThatThrownBy(() -> database.as("bob").run("select net.set_keep_request(true)"))
                .hasMessageContaining("permission denied for function set_keep_request");
        alice.run("select net.cancel(" + waits + ")");
    }

    @Test
    void keepsWhatWasSentWhereThatIsAsked() {
        String text = send("select net.http_post('" + target.url("/") + "', '{\"a\": \"é\"}', keep_request := true,"
                        + " headers := '{\"Authorization\": \"Bearer b\", \"X-A\": \"1\"}')")
                .id();
        String bytes = send("select net.http_request('POST', '" + target.url("/") + "', body_bytes := '\\xff00',"
                        + " keep_request := true)")
                .id();
        String large = send("select net.http_request('POST', '" + target.url("/")
                        + "', body_text := repeat('x', 1048577), keep_request := true)")
                .id();
        database.run("select net.set_keep_request(true)");
        String byDefault =
                send("select net.http_put('" + target.url("/") + "', '[1]')").id();
        String not = send("select net.http_put('" + target.url("/") + "', '[2]', keep_request := false)")
                .id();

        assertThat(request(
                        text,
                        "request_body::jsonb ->> 'a', request_headers ->> 'Authorization', request_headers ->> 'X-A'"))
                .containsExactly("é", "***", "1");
        assertThat(request(bytes, "request_body, request_headers")).containsExactly("\\xff00", "{}");
        assertThat(request(large, "request_body, request_headers::text <> ''")).containsExactly(null, "t");
        assertThat(request(byDefault, "request_body")).containsExactly("[1]");
        assertThat(request(not, "request_body, request_headers")).containsExactly(null, null);
        String cancelled =
                queue("select net.http_put('" + target.url("/") + "', '[3]', not_before := now() + interval '1 hour')");
        database.run("select net.cancel(" + cancelled + ")");
        assertThat(request(cancelled, "status, request_body")).containsExactly("cancelled", "[3]");
    }

    @Test
    void aCallWithAKnownKeyPointsToTheOther() {
        String first = send("select net.http_post('" + target.url("/") + "', '{}', idempotency_key := 'requests-1')")
                .id();
        assertThat(queue("select net.http_post('" + target.url("/") + "', '{}', idempotency_key := 'requests-1')"))
                .isEqualTo(first);
        assertThat(database.rows("select status from net.requests where id = " + first))
                .containsExactly(List.of("succeeded"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"get", "post", "put", "patch", "delete"})
    void takesTheOptionsOfARequest(String method) {
        target.inTurn("/", Map.of("Retry-After", "600"), 503);
        TestDatabase alice = database.as("alice");
        String id = alice.one("select net.http_" + method + "('" + target.url("/")
                + "', params := '{\"q\": 1}', headers := '{\"X-A\": \"1\"}', timeout_milliseconds := 1234,"
                + " max_attempts := 3, priority := 7, idempotency_key := 'options-" + method
                + "', fire_and_forget := true, keep_failed := false, ordering_key := 'k-" + method
                + "', on_dead := 'skip', notify_channel := 'answers', keep_sent := '1 hour', keep_request := true)");

        assertThat(alice.rows(
                        "select method, url, headers ->> 'X-A', timeout_milliseconds, max_attempts, priority, dedupe_key,"
                                + " fire_and_forget, keep_failed, ordering_key, on_dead, notify_channel, extract(epoch from keep_sent)::int"
                                + " from net.my_requests where id = " + id))
                .containsExactly(Arrays.asList(
                        method.toUpperCase(Locale.ROOT),
                        target.url("/?q=1"),
                        "1",
                        "1234",
                        "3",
                        "7",
                        "options-" + method,
                        "t",
                        "f",
                        "k-" + method,
                        null,
                        "answers",
                        "3600"));
        Awaitility.await().until(() -> status(id).equals("retrying"));
        assertThat(target.requests().get(0).uri()).isEqualTo("/?q=1");
        alice.run("select net.cancel(" + id + ")");
        assertThatThrownBy(
                        () -> alice.run("select net.http_" + method + "('" + target.url("/") + "', max_attempts := 0)"))
                .hasMessageContaining("max_attempts must be from 1 to 1000, not 0");
        assertThatThrownBy(
                        () -> alice.run("select net.http_" + method + "('" + target.url("/") + "', on_dead := 'halt')"))
                .hasMessageContaining("holds up an ordering_key: give one");
    }

    private List<String> request(String id, String columns) {
        List<List<String>> rows = database.rows("select " + columns + " from net.requests where id = " + id);
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }

    private String status(String id) {
        return database.one("select net.http_request_status(" + id + ")");
    }
}
