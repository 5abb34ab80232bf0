package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
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

    /** The answers of before stay, and who queues meanwhile gets an id of its own and the answer to what it sent, by each way into the queue. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "alter sequence net.http_request_queue_id_seq restart",
                "truncate net.http_request_queue restart identity",
                "select setval('net.http_request_queue_id_seq', 3)",
                "alter sequence net.known_id restart"
            })
    void whileABridgeRunsEachRequestHasItsOwnAnswer(String setBack) throws IOException {
        createRole("ids_alice");
        TestPostgres.install(database, "ids_alice");
        TestDatabase alice = database.as("ids_alice");
        try (Target target = new Target().on("/", IdsTest::echo);
                TestBridge bridge = TestBridge.start(database)) {
            List<Long> ids = new ArrayList<>();
            for (int round = 0; round < 4; round++) {
                for (String call : calls(target.url("/"), ids.size())) {
                    ids.add(Long.valueOf(alice.one(call)));
                }
                Awaitility.await()
                        .until(() -> database.one("select count(*) from net._http_response")
                                .equals(String.valueOf(ids.size())));
                database.run(setBack);
            }
            assertThat(ids).doesNotHaveDuplicates();
            assertThat(database.rows("select id, content from net._http_response order by id"))
                    .isEqualTo(IntStream.range(0, ids.size())
                            .mapToObj(i -> List.of(String.valueOf(ids.get(i)), "\"content " + i + "\""))
                            .toList());
            assertThat(bridge.events(Event.Parked.class)).isEmpty();
        }
    }

    /** Before anything was answered: what is being sent is known as well. */
    @Test
    void whatIsInFlightKeepsItsIdAndItsAnswer() throws IOException {
        CountDownLatch latch = new CountDownLatch(1);
        try (Target target = new Target()
                        .on("/slow", (request, out, socket) -> {
                            latch.await();
                            return echo(request, out, socket);
                        })
                        .on("/", IdsTest::echo);
                TestBridge bridge = TestBridge.start(database)) {
            bridge.awaitReady();
            String call = "select net.http_post('%s', to_jsonb('%s'::text), timeout_milliseconds := 60000)";
            String old = database.one(call.formatted(target.url("/slow"), "old"));
            Awaitility.await().until(() -> target.count() == 1);
            database.run("truncate net.http_request_queue restart identity");
            String id = database.one(call.formatted(target.url("/"), "new"));
            assertThat(id).isNotEqualTo(old);
            latch.countDown();
            Awaitility.await()
                    .until(() -> !database.rows("select content from net._http_response")
                            .isEmpty());
            Awaitility.await()
                    .until(() -> bridge.bridge().inFlight() + bridge.bridge().unrecorded() == 0);
            assertThat(database.rows("select id, content from net._http_response"))
                    .containsExactly(List.of(id, "\"new\""));
        }
    }

    /** Where many send at once, an id that was drawn again may be passed by others' before its row is in. */
    @Test
    void anIdThatIsOvertakenTwiceIsTaken() {
        database.run("""
                create function public.overtake() returns trigger language plpgsql security definer as
                  $$ begin perform setval('net.known_id', new.id + 50); return new; end $$;
                create trigger c_overtake instead of insert on net.room_check
                  for each row execute function public.overtake();
                select nextval('net.http_request_queue_id_seq') from generate_series(1, 50);
                select setval('net.known_id', 100); select setval('net.http_request_queue_id_seq', 100, false)""");
        assertThat(database.one("select net.http_get('http://h.example/')")).isEqualTo("1101");
        assertThat(database.one("select id from net.http_request_queue")).isEqualTo("1101");
    }

    /** A count meanwhile would have it taken for one that is given again, in a session where no other is drawn (replica mode). */
    @Test
    void anIdWithoutARowIsNotKnown() {
        assertThat(database.one("select nextval('net.http_request_queue_id_seq')"))
                .isEqualTo("1");
        assertThat(database.one("select net.http_get('http://10.0.0.1/')")).isEqualTo("2");
        assertThat(database.one("select nextval('net.http_request_queue_id_seq')"))
                .isEqualTo("3");
        Database statements = new Database(database.url(), false);
        try {
            assertThat(new MaintenanceStatements(statements).room(1000).block()).isEqualTo(1);
        } finally {
            statements.close().block();
        }
        assertThat(database.one("select last_value from net.known_id")).isEqualTo("2");
    }

    /** The guard itself as well, by whoever restarts all sequences. */
    @Test
    void installAndABridgeRaiseTheKnownIdAgain() {
        database.run(
                "insert into net._http_response (id, status_code, queued_by) values (1000, 200, current_user::regrole)");
        String restart = "alter sequence net.known_id restart; alter sequence net.http_request_queue_id_seq restart";
        database.run(restart);
        TestPostgres.install(database);
        assertThat(database.one("select last_value >= 1000 from net.known_id")).isEqualTo("t");
        assertNew("2001");
        database.run(restart);
        try (TestBridge bridge = TestBridge.start(database)) {
            bridge.awaitReady();
            database.run("alter sequence net.http_request_queue_id_seq restart");
            assertThat(Long.parseLong(database.one("select net.http_get('http://10.0.0.1/')")))
                    .isGreaterThan(2000);
        }
    }

    /** Nothing was sent yet, so that nobody knew the ids: two roles have the same, and each its own answers. */
    @Test
    void theSameIdsOfTwoRolesAreTwoRequests() throws IOException {
        createRole("ids_alice");
        createRole("ids_bob");
        TestPostgres.install(database, "ids_alice", "ids_bob");
        try (Target target = new Target().on("/", IdsTest::echo)) {
            for (String role : List.of("ids_alice", "ids_bob")) {
                database.run("alter sequence net.http_request_queue_id_seq restart");
                assertThat(database.as(role)
                                .one("select string_agg(net.http_post('" + target.url("/") + "', to_jsonb('" + role
                                        + " ' || i))::text, ' ') from generate_series(1, 20) i"))
                        .startsWith("1 2 3 ");
            }
            assertThat(database.as("ids_bob").one("select net.cancel(20)")).isEqualTo("t");
            try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.FALLBACK_POLL, "200ms"))) {
                bridge.awaitReady();
                Awaitility.await()
                        .until(() -> target.count() == 39
                                && database.one("select count(*) from net._http_response")
                                        .equals("40"));
            }
            for (String role : List.of("ids_alice", "ids_bob")) {
                assertThat(
                                database.as(role)
                                        .rows(
                                                "select id, content from net._http_response where content is not null order by id"))
                        .isEqualTo(IntStream.rangeClosed(1, role.equals("ids_bob") ? 19 : 20)
                                .mapToObj(i -> List.of(String.valueOf(i), "\"" + role + " " + i + "\""))
                                .toList());
            }
        }
    }

    /** What waits for its time is known from the last count on. */
    @Test
    void whatWaitsKeepsItsId() {
        database.run("select net.http_request('GET', 'http://h.example/', not_before := now() + interval '1 h')"
                + " from generate_series(1, 3)");
        try (TestBridge bridge = TestBridge.start(database)) {
            bridge.awaitReady();
            database.run("alter sequence net.http_request_queue_id_seq restart");
            String id = database.one(
                    "select net.http_request('GET', 'http://h.example/', not_before := now() + interval '1 h')");
            assertThat(Long.parseLong(id)).isGreaterThan(3);
        }
    }

    private static boolean echo(Target.Request request, OutputStream out, Socket socket) throws IOException {
        out.write(("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + request.body().length
                        + "\r\n\r\n" + request.text())
                .getBytes(StandardCharsets.UTF_8));
        return true;
    }

    private static List<String> calls(String url, int from) {
        String values =
                "(method, url, headers, body) values ('POST', '" + url + "', '{}', '\"content %d\"') returning id";
        return List.of(
                "select net.http_post('%s', to_jsonb('content %d'::text))".formatted(url, from),
                "select net.http_request('POST', '%s', body := to_jsonb('content %d'::text), idempotency_key := 'k%d')"
                        .formatted(url, from + 1, from),
                ("insert into net.new_request " + values).formatted(from + 2));
    }

    /** Its password is its name. */
    private void createRole(String role) {
        database.run("do $$ begin create role " + role + " login password '" + role
                + "'; exception when duplicate_object then null; end $$");
    }

    private void assertNew(String id) {
        assertThat(database.one(
                        "select net.http_request('GET', 'http://10.0.0.1/', not_before := now() + interval '1 h')"))
                .isEqualTo(id);
        assertThat(database.one("select net.http_request_status(" + id + ")")).isEqualTo("scheduled");
    }
}
