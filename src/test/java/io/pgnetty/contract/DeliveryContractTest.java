package io.pgnetty.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Retries, schedules, priorities and dead letters. */
@ParameterizedClass
@MethodSource("io.pgnetty.contract.Backend#all")
class DeliveryContractTest extends Contract {

    private static final String DEAD = "dead";

    @Test
    void isSentAgainUntilItSucceeds() {
        target.inTurn("/", Map.of(), 503, 429, 200);
        TestDatabase alice = database.as("alice");
        String id = alice.one(
                "select net.http_request('POST', '" + target.url("/") + "', '{\"a\": 1}', max_attempts := 5)");
        String key = alice.one("select idempotency_key from net.my_requests where id = " + id);
        Awaitility.await().until(() -> status(id).equals("succeeded"));

        assertThat(target.keys()).containsOnlyKeys(key);
        assertThat(target.requests()).hasSize(3);
        assertThat(target.requests()).extracting(Target.Request::text).containsOnly("{\"a\": 1}");
        assertThat(target.keys()).hasSize(1);
        assertThat(row(id)).startsWith("200").contains("turn 3");
        assertThat(alice.rows("select attempt, status_code, failure, duration_ms >= 0, started <= clock_timestamp(),"
                        + " bridge, queued_by from net.attempts where id = " + id + " order by attempt"))
                .containsExactly(attempt("1", "503"), attempt("2", "429"), attempt("3", "200"));
        assertThat(database.as("bob").rows("select from net.attempts where id = " + id))
                .isEmpty();
        assertThat(database.rows("select from net.dead_letter where id = " + id))
                .isEmpty();
    }

    private static List<String> attempt(String number, String status) {
        return Stream.of(number, status, null, "t", "t", "test", "alice").toList();
    }

    @Test
    void waitsForItsRetryInTheDatabase() {
        target.inTurn("/", Map.of("Retry-After", "2"), 503, 200);
        long started = System.nanoTime();
        String id = queue("select net.http_request('GET', '" + target.url("/") + "', max_attempts := 2)");
        Awaitility.await().until(() -> status(id).equals("retrying"));

        assertThat(bridge.bridge().inFlight()).isZero();
        assertThat(database.one("select (net.http_get_result(" + id + ")).status"))
                .isEqualTo("PENDING");
        List<String> row = database.rows("select due_at > clock_timestamp() + interval '1 s', state, error_msg"
                        + " from net.http_request_queue where id = " + id)
                .get(0);
        assertThat(row).containsExactly("t", "waiting", "HTTP 503");
        Awaitility.await().until(() -> status(id).equals("succeeded"));
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    void spentRequestsAreKeptWholeAndSentAgain() {
        target.inTurn("/hook", Map.of(), 500, 500, 200);
        TestDatabase alice = database.as("alice");
        String id = alice.one("select net.http_request('PUT', '" + target.url("/hook") + "', body_text := 'whole',"
                + " headers := '{\"Authorization\": \"Bearer s3cret\", \"X-A\": \"a\"}', max_attempts := 2)");
        Awaitility.await().until(() -> status(id).equals(DEAD));

        // As with every answer: the result has it.
        assertThat(result(id).status()).isEqualTo("SUCCESS");
        assertThat(result(id).code()).isEqualTo("500");
        assertThat(alice.rows("select method, convert_from(body, 'UTF8'), status_code, error_msg, failures, headers"
                        + " from net.dead_letter where id = " + id))
                .containsExactly(List.of("PUT", "whole", "500", "HTTP 500", "2", headersOf(id)));
        assertThat(headersOf(id)).contains("\"Authorization\": \"***\"", "\"X-A\": \"a\"");
        assertThatThrownBy(() -> alice.rows("select * from net.dead_letter_secret"))
                .hasMessageContaining("denied");

        TestDatabase bob = database.as("bob");
        assertThat(bob.rows("select from net.dead_letter where id = " + id)).isEmpty();
        assertThat(bob.one("select net.redeliver(" + id + ")")).isNull();
        assertThat(bob.one("select net.http_request_status(" + id + ")")).isEqualTo("unknown");

        String again = alice.one("select net.redeliver(" + id + ")");
        assertThat(again).isNotEqualTo(id);
        assertThat(alice.one("select net.redeliver(" + id + ")")).isNull();
        Awaitility.await().until(() -> status(again).equals("succeeded"));
        assertThat(status(id)).isEqualTo("failed");
        assertThat(target.keys()).hasSize(1);
        Target.Request last = target.requests().get(2);
        assertThat(last.text()).isEqualTo("whole");
        assertThat(last.header("authorization")).isEqualTo("Bearer s3cret");
        assertThat(database.one("select queued_by from net._http_response where id = " + again))
                .isEqualTo("alice");
    }

    private String headersOf(String id) {
        return database.one("select headers from net.dead_letter where id = " + id);
    }

    @Test
    void aFailureWithoutAnAnswerDiesToo() {
        String url = "http://127.0.0.1:" + io.pgnetty.testing.BridgeProcess.freePort() + "/";
        String id = queue("select net.http_request('GET', '" + url + "', max_attempts := 2)");
        Awaitility.await().until(() -> status(id).equals(DEAD));

        assertThat(result(id).status()).isEqualTo("ERROR");
        assertThat(result(id).message()).startsWith("Connection refused");
        assertThat(database.rows("select failure from net.attempts where id = " + id + " order by attempt"))
                .containsExactly(List.of("connect"), List.of("connect"));
        // The response goes first; the dead letter still tells.
        database.run("delete from net._http_response where id = " + id);
        assertThat(result(id).message()).startsWith("Connection refused");
        assertThat(status(id)).isEqualTo(DEAD);
    }

    @Test
    void whatIsNotRetriedIsNot() {
        target.inTurn("/gone", Map.of(), 404, 200);
        // Its connection ends with it: on one that was used before, such bytes are what is left of the answer before.
        target.raw("/garbage", "what is this\r\n\r\n");
        String gone = queue("select net.http_request('GET', '" + target.url("/gone") + "', max_attempts := 3)");
        Awaitility.await().until(() -> status(gone).equals("succeeded"));
        target.endConnections();
        String garbage = queue("select net.http_request('GET', '" + target.url("/garbage") + "', max_attempts := 3)");
        Awaitility.await().until(() -> status(garbage).equals(DEAD));
        assertThat(result(gone).code()).isEqualTo("404");
        assertThat(status(gone)).isEqualTo("succeeded");
        assertThat(target.count()).isEqualTo(2);
    }

    @Test
    void keepingFailuresIsAChoice() {
        target.inTurn("/", Map.of(), 500);
        String url = target.url("/");
        String plain = queue("select net.http_get('" + url + "')");
        String kept = queue("select net.http_request('GET', '" + url + "', keep_failed := true)");
        String dropped =
                queue("select net.http_request('GET', '" + url + "', max_attempts := 2, keep_failed := false)");
        for (String id : List.of(plain, kept, dropped)) {
            Awaitility.await()
                    .until(() -> !database.rows("select from net._http_response where id = " + id)
                            .isEmpty());
        }
        assertThat(status(plain)).isEqualTo("succeeded");
        assertThat(status(kept)).isEqualTo(DEAD);
        assertThat(status(dropped)).isEqualTo("failed");
        // A plain call leaves its response and nothing else.
        assertThat(database.rows("select from net.attempts where id = " + plain))
                .isEmpty();
        assertThat(database.rows("select from net.dead_letter where id in (" + plain + ", " + dropped + ")"))
                .isEmpty();
    }

    @Test
    void fireAndForgetLeavesNothingButFailures() {
        // Long enough to be waited for: who asks when it is over is told of nothing.
        target.inTurn("/flaky", Map.of("Retry-After", "1"), 503, 200);
        target.inTurn("/broken", Map.of(), 500);
        String good = queue("select net.http_request('GET', '" + target.url("/flaky")
                + "', max_attempts := 3, fire_and_forget := true)");
        String bad = queue("select net.http_request('GET', '" + target.url("/broken")
                + "', max_attempts := 2, fire_and_forget := true)");
        Result waited = result(good);
        assertThat(waited.status()).isEqualTo("SUCCESS");
        assertThat(waited.code()).isNull();
        assertThat(status(good)).isEqualTo("unknown");
        assertThat(database.rows("select from net._http_response where id = " + good))
                .isEmpty();
        assertThat(database.rows("select from net.attempts where id = " + good)).isEmpty();
        Awaitility.await().until(() -> status(bad).equals(DEAD));
        assertThat(result(bad).code()).isEqualTo("500");
    }

    @Test
    void isNotSentBeforeItsTime() {
        long started = System.nanoTime();
        String id = queue("select net.http_request('GET', '" + target.url("/")
                + "', not_before := clock_timestamp() + interval '1.5 s')");
        assertThat(status(id)).isEqualTo("scheduled");
        assertThat(database.one("select not_before > now() from net.my_requests where id = " + id))
                .isEqualTo("t");
        Awaitility.await().until(() -> target.count() == 1);
        // To the second; no poll helps here.
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isBetween(Duration.ofMillis(1490), Duration.ofMillis(2500));
        assertThat(result(id).status()).isEqualTo("SUCCESS");
        String past = queue("select net.http_request('GET', '" + target.url("/") + "', not_before := '2001-01-01')");
        assertThat(result(past).status()).isEqualTo("SUCCESS");
    }

    @Test
    void anEarlierTimeOvertakesALaterOne() {
        String late = queue("select net.http_request('GET', '" + target.url("/late")
                + "', not_before := clock_timestamp() + interval '1 hour')");
        String soon = queue("select net.http_request('GET', '" + target.url("/soon")
                + "', not_before := clock_timestamp() + interval '300 ms')");
        assertThat(result(soon).status()).isEqualTo("SUCCESS");
        assertThat(status(late)).isEqualTo("scheduled");
        assertThat(database.one("select net.cancel(" + late + ")")).isEqualTo("t");
        assertThat(status(late)).isEqualTo("cancelled");
    }

    @Test
    void badOptionsFailInTheCall() {
        for (String[] bad : new String[][] {
            {"max_attempts := 0", "max_attempts must be from 1 to 1000"},
            {"max_attempts := 1001", "max_attempts must be from 1 to 1000"},
            {"not_before := 'infinity'", "not_before must be a time"},
            {"not_before := now() + interval '366 days 1 hour'", "not_before must be at most a year ahead"},
            {"idempotency_key := ''", "idempotency_key must have 1 to 512 characters"},
            {"idempotency_key := repeat('x', 513)", "idempotency_key must have 1 to 512 characters"},
        }) {
            assertThatThrownBy(() -> queue("select net.http_request('GET', 'http://a', " + bad[0] + ")"))
                    .as(bad[0])
                    .hasMessageContaining(bad[1]);
        }
        // Null is the default, as for an application that names every argument.
        String id = queue("select net.http_request('GET', '" + target.url("/") + "', max_attempts := null,"
                + " priority := null, fire_and_forget := null, keep_failed := null, not_before := null,"
                + " idempotency_key := null)");
        assertThat(result(id).status()).isEqualTo("SUCCESS");
    }

    /** What was claimed meanwhile is not seen there: rather an error than a request that is cancelled and sent. */
    @Test
    void cancelsNothingWhereClaimsOfOthersAreNotSeen() {
        for (String level : List.of("repeatable read", "serializable")) {
            assertThatThrownBy(() -> database.as("alice")
                            .run("begin isolation level " + level + "; select net.cancel(1); commit"))
                    .as(level)
                    .hasMessageContaining("cannot be cancelled at isolation level " + level);
        }
    }

    @Test
    void manyAreTakenBackOrSentAgainTogether() {
        target.inTurn("/", Map.of(), 500);
        String host = "127.0.0.1:" + target.port();
        TestDatabase alice = database.as("alice");
        List<String> ids = alice
                .rows("select net.http_request('GET', '" + target.url("/")
                        + "', keep_failed := true) from generate_series(1, 5)")
                .stream()
                .map(row -> row.get(0))
                .toList();
        Awaitility.await().until(() -> ids.stream().allMatch(id -> status(id).equals(DEAD)));

        assertThat(alice.one("select net.redeliver_where('*', error := 'no such error')"))
                .isEqualTo("0");
        assertThat(alice.one("select net.redeliver_where('" + host + "', clock_timestamp())"))
                .isEqualTo("0");
        assertThat(database.as("bob").one("select net.redeliver_where('" + host + "')"))
                .isEqualTo("0");
        database.run("select net.pause('" + host + "')");
        try {
            assertThat(alice.one("select net.redeliver_where('" + host + "', since := now() - interval '1 hour',"
                            + " error := 'http 5')"))
                    .isEqualTo("5");
            assertThat(database.as("bob").one("select net.cancel_where('" + host + "')"))
                    .isEqualTo("0");
            assertThat(alice.one("select net.cancel_where(host := '" + host + "', until := now() - interval '1 h')"))
                    .isEqualTo("0");
            assertThat(alice.one("select net.cancel_where('" + host + "')")).isEqualTo("5");
        } finally {
            database.run("select net.resume('" + host + "')");
        }
        assertThat(target.count()).isEqualTo(5);
        assertThatThrownBy(() -> alice.one("select net.cancel_where()")).hasMessageContaining("at least one of host");
        assertThatThrownBy(() -> alice.one("select net.redeliver_where('http://a')"))
                .hasMessageContaining("not a valid host pattern");
    }

    @Test
    void pausedHostsWaitAndOthersDoNot() {
        String host = "127.0.0.1:" + target.port();
        assertThat(database.one("select net.pause('" + host + "')")).isEqualTo("t");
        assertThat(database.one("select net.pause('" + host + "')")).isEqualTo("f");
        String held = queue("select net.http_get('" + target.url("/") + "')");
        try (Target other = new Target()) {
            send("select net.http_get('" + other.url("/") + "')");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        assertThat(status(held)).isEqualTo("blocked");
        assertThat(database.one("select status from net.my_requests where id = " + held))
                .isEqualTo("blocked");
        assertThat(database.rows("select status, message from net.http_get_result(" + held + ", false, 50)")
                        .get(0)
                        .get(1))
                .contains("its host is paused");
        assertThat(target.count()).isZero();
        assertThatThrownBy(() -> database.as("alice").one("select net.pause()")).hasMessageContaining("denied");
        assertThatThrownBy(() -> database.as("alice").one("select net.resume()"))
                .hasMessageContaining("denied");
        assertThatThrownBy(() -> database.one("select net.pause('no/host')"))
                .hasMessageContaining("not a valid host pattern");

        long resumed = System.nanoTime();
        assertThat(database.one("select net.resume('" + host + "')")).isEqualTo("t");
        assertThat(result(held).status()).isEqualTo("SUCCESS");
        assertThat(Duration.ofNanos(System.nanoTime() - resumed)).isLessThan(Duration.ofSeconds(1));
        assertThat(database.one("select net.resume('" + host + "')")).isEqualTo("f");
    }

    @Test
    void aKeyNamesOneRequestOfItsRole() {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/", latch);
        String call = "select net.http_request('POST', '" + target.url("/") + "', '{\"a\": 1}', idempotency_key := '"
                + target.port() + "')";
        TestDatabase alice = database.as("alice");
        String id = alice.one(call);
        assertThat(alice.one(call)).isEqualTo(id);
        Awaitility.await().until(() -> target.count() == 1);
        assertThat(alice.one(call)).isEqualTo(id);
        latch.countDown();
        assertThat(result(id).status()).isEqualTo("SUCCESS");
        assertThat(alice.one(call)).isEqualTo(id);
        assertThat(target.count()).isEqualTo(1);

        for (String other : List.of(
                call.replace("POST", "PUT"),
                call.replace("\"a\"", "\"b\""),
                call.replace(":" + target.port() + "/", ":1/"))) {
            assertThatThrownBy(() -> alice.one(other)).hasMessageContaining("belongs to request " + id);
        }
        String bobs = database.as("bob").one(call);
        assertThat(bobs).isNotEqualTo(id);
        assertThat(result(bobs).status()).isEqualTo("SUCCESS");
        // Free again with its response.
        database.run("delete from net._http_response where id = " + id);
        assertThat(alice.one(call)).isNotEqualTo(id);
    }

    @Test
    void twoTransactionsAtOnceSendOnce() throws Exception {
        String call = "select net.http_request('POST', '" + target.url("/") + "', idempotency_key := 'at once "
                + target.port() + "')";
        try (var first = database.connect();
                var statement = first.createStatement()) {
            first.setAutoCommit(false);
            String id = TestDatabase.rows(statement, call).get(0).get(0);
            CompletableFuture<String> second = CompletableFuture.supplyAsync(() -> queue(call));
            Awaitility.await()
                    .until(() -> !database.rows("select from pg_stat_activity where wait_event = 'PgSleep'"
                                    + " and query like '%at once " + target.port() + "%'")
                            .isEmpty());
            first.commit();
            assertThat(second.get()).isEqualTo(id);
            assertThat(result(id).status()).isEqualTo("SUCCESS");
        }
        assertThat(target.count()).isEqualTo(1);
    }

    @Test
    void keysInOppositeOrderAreNoDeadlock() throws Exception {
        String call = "select net.http_request('POST', '" + target.url("/") + "', idempotency_key := 'KEY"
                + target.port() + "')";
        String a = call.replace("KEY", "a");
        String b = call.replace("KEY", "b");
        try (var one = database.connect();
                var two = database.connect();
                var first = one.createStatement();
                var second = two.createStatement()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            String firstA = TestDatabase.rows(first, a).get(0).get(0);
            String secondB = TestDatabase.rows(second, b).get(0).get(0);
            CompletableFuture<String> waits = CompletableFuture.supplyAsync(() -> {
                try {
                    return TestDatabase.rows(first, b).get(0).get(0);
                } catch (java.sql.SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            String secondA = TestDatabase.rows(second, a).get(0).get(0);
            String firstB = waits.get();
            one.commit();
            two.commit();

            // Whichever was sent, each id has the result of the one request with its key.
            for (String id : List.of(firstA, secondB, secondA, firstB)) {
                Awaitility.await().until(() -> status(id).equals("succeeded"));
                assertThat(result(id).code()).isEqualTo("200");
            }
            assertThat(target.count()).isEqualTo(2);
            assertThat(queue(a)).isIn(firstA, secondA);
        }
    }

    @Test
    void aKeyHoldsWhereOthersCommitsAreNotSeen() throws Exception {
        String call = "select net.http_request('POST', '" + target.url("/") + "', idempotency_key := 'old snapshot "
                + target.port() + "')";
        try (var old = database.connect();
                var statement = old.createStatement()) {
            old.setAutoCommit(false);
            statement.execute("set transaction isolation level repeatable read");
            TestDatabase.rows(statement, "select 1 from net.bridge_control");
            String id = queue(call);
            assertThat(result(id).status()).isEqualTo("SUCCESS");
            String other = TestDatabase.rows(statement, call).get(0).get(0);
            old.commit();

            Awaitility.await().until(() -> status(other).equals("succeeded"));
            assertThat(result(other).body()).isEqualTo(result(id).body());
        }
        assertThat(target.count()).isEqualTo(1);
    }

    @Test
    void plainInsertsSetNoOption() {
        TestDatabase alice = database.as("alice");
        for (String column :
                List.of("max_attempts", "state", "due_at", "priority", "rank", "keep_failed", "dedupe_key")) {
            assertThatThrownBy(() -> alice.run("insert into net.http_request_queue (method, url, " + column
                            + ") values ('GET', 'http://a', default)"))
                    .as(column)
                    .hasMessageContaining("denied");
        }
        for (String table : List.of(
                "dead_letter",
                "attempts",
                "lease",
                "hop_slot",
                "key_secret",
                "paused",
                "leader",
                "bridges",
                "role_rule",
                "role_state",
                "hosts",
                "host_rule",
                "queue_limit")) {
            assertThatThrownBy(() -> alice.run("delete from net." + table))
                    .as(table)
                    .hasMessageContaining("denied");
        }
        for (String function : List.of(
                "admit_keyed(1)",
                "promote(1)",
                "rescue(1, gen_random_uuid(), '1 s')",
                "in_flight()",
                "promote_each(1)",
                "park(1, 'x')",
                "park_unreadable()",
                "bury_lost(1)",
                "hop(1, 1, 'h')",
                "has_key_slots(current_user::regrole, '1s')",
                "may_manage(current_user::regrole, current_user::regrole)",
                "set_host_rule('*')",
                "drop_host_rule('*')",
                "set_role_rule(current_user)",
                "drop_role_rule(current_user)",
                "claim_due(1, '1 s', gen_random_uuid(), 1, 1, 1, 1, 0, '{}', '{}', '{}', '{}', '{}', '{}')")) {
            assertThatThrownBy(() -> alice.run("select net." + function))
                    .as(function)
                    .hasMessageContaining("denied");
        }
    }

    @Test
    void theBodyIsSentAgainByteForByte() {
        target.inTurn("/", Map.of(), 500, 500, 200);
        queue("select net.http_request('POST', '" + target.url("/")
                + "', body_bytes := decode('00ff80', 'hex'), max_attempts := 3)");
        Awaitility.await().until(() -> target.count() == 3);
        assertThat(target.requests())
                .extracting(request -> new String(request.body(), StandardCharsets.ISO_8859_1))
                .containsOnly("\u0000\u00ff\u0080");
    }

    private String status(String id) {
        return database.one("select net.http_request_status(" + id + ")");
    }
}
