package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Functions of on_response: called with each response, as a role that may do nothing else, and harmless whatever they do. */
class CallbacksTest {

    private static final String CALLER = "callback_caller";
    private static final String ALICE = "callback_alice";
    private static final String BOB = "callback_bob";

    private TestDatabase database;
    private TestDatabase alice;
    private Target target;
    private TestBridge bridge;

    @BeforeEach
    void begin() {
        database = TestPostgres.shared().empty();
        for (String role : List.of(CALLER, ALICE, BOB)) {
            database.run("do $$ begin create role " + role + " login password '" + role
                    + "'; exception when duplicate_object then null; end $$");
        }
        TestPostgres.install(database, ALICE, BOB);
        alice = database.as(ALICE);
        target = new Target();
        database.run("create schema app; grant usage on schema app to public; grant create on schema app to " + ALICE
                + "; create table app.told (id bigint, as_role text, at timestamptz default clock_timestamp());"
                + "grant insert, select on app.told to " + CALLER + ", " + ALICE);
    }

    @AfterEach
    void end() throws IOException {
        if (bridge != null) {
            bridge.close();
        }
        target.close();
    }

    private void start() {
        bridge = TestBridge.start(
                database, Map.of(Setting.CALLBACK_URL, database.as(CALLER).text()));
    }

    private void function(String name, String body) {
        alice.run("create or replace function app." + name + "(id bigint) returns void language plpgsql as $f$ begin "
                + body + " end $f$");
    }

    private String queue(TestDatabase as, String function, String options) {
        return as.one("select net.http_request('POST', '" + target.url("/")
                + "', body_text := 'x', on_response := 'app." + function + "(bigint)'" + options + ")");
    }

    private void awaitTold(String id) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> database.one("select count(*) from app.told where id = " + id)
                        .equals("1"));
    }

    private String error(String id) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(40))
                .until(
                        () -> alice.rows("select error_msg from net.callback where id = " + id
                                + " and due_at is null and error_msg is not null"),
                        rows -> !rows.isEmpty())
                .get(0)
                .get(0);
    }

    @Test
    void isCalledWithEachResponseAsTheRoleOfItsOwn() {
        start();
        function("done", "insert into app.told (id, as_role) values (id, current_user || ' ' || session_user);");
        String answered = queue(alice, "done", "");
        awaitTold(answered);
        assertThat(database.one("select as_role from app.told")).isEqualTo(CALLER + " " + CALLER);
        assertThat(database.one("select exists (select from net._http_response where id = " + answered + ")"))
                .isEqualTo("t");
        target.inTurn("/", Map.of(), 500);
        String dead = queue(alice, "done", ", max_attempts := 1, keep_failed := true");
        awaitTold(dead);
        String again = alice.one("select net.redeliver(" + dead + ")");
        awaitTold(again);
        String cancelled = queue(alice, "done", ", not_before := now() + interval '1 day'");
        assertThat(alice.one("select net.cancel(" + cancelled + ")")).isEqualTo("t");
        awaitTold(cancelled);
        Awaitility.await()
                .until(() -> database.one("select count(*) from net.callback").equals("0"));
        assertThat(database.one("select count(*) from app.told")).isEqualTo("4");
    }

    @Test
    void whatFailsIsRecordedAndTouchesNoResponse() {
        start();
        function("fails", "raise exception 'not this %', id;");
        String id = queue(alice, "fails", "");
        assertThat(error(id)).startsWith("not this " + id);
        assertThat(alice.one("select status_code from net._http_response where id = " + id))
                .isEqualTo("200");
        assertThat(database.as(BOB).rows("select from net.callback")).isEmpty();
        assertThat(bridge.events(Event.CallbackFailed.class)).hasSize(1);
    }

    /** Each leaves what would be found by the next in the session, or by its owner. */
    @Test
    void nothingOfASessionOutlivesIt() {
        start();
        function(
                "sets",
                "perform set_config('app.left', 'here', false), pg_advisory_lock(4711);"
                        + " execute 'listen app_left'; create temporary table left_over (id bigint);"
                        + " perform set_config('role', 'none', false);"
                        + " insert into app.told (id, as_role) values (id, 'set');");
        function(
                "looks",
                "insert into app.told (id, as_role) values (id, coalesce(current_setting('app.left', true), '')"
                        + " || coalesce(to_regclass('pg_temp.left_over')::text, '')"
                        + " || (select count(*) from pg_locks where locktype = 'advisory' and objid = 4711)"
                        + " || (select count(*) from pg_listening_channels()));");
        awaitTold(queue(alice, "sets", ""));
        String looks = queue(alice, "looks", "");
        awaitTold(looks);
        assertThat(database.one("select as_role from app.told where id = " + looks))
                .isEqualTo("00");
    }

    @Test
    void noOtherRoleIsToBeHad() {
        start();
        for (String escape : List.of(
                "set role " + ALICE,
                "set session authorization " + ALICE,
                "set role postgres",
                "reset role; set role " + BOB)) {
            function("escapes", "execute '" + escape + "';");
            assertThat(error(queue(alice, "escapes", ""))).as(escape).contains("permission denied");
        }
        function("reads", "perform 1 from net._http_response; perform 1 from net.http_request_queue;");
        assertThat(error(queue(alice, "reads", ""))).contains("permission denied");
        function("commits", "commit;");
        assertThat(error(queue(alice, "commits", ""))).contains("invalid transaction termination");
    }

    /** It catches the server's word; bob's go on beside it. */
    @Test
    void oneThatNeverEndsIsEndedAndHoldsUpNobodyElse() {
        start();
        function("loops", "loop begin perform pg_sleep(60); exception when query_canceled then null; end; end loop;");
        function("done", "insert into app.told (id) values (id);");
        String first = null;
        // Of a third role as well: all slots are theirs.
        for (int i = 0; i < 12; i++) {
            queue(database, "loops", "");
            String id = queue(alice, "loops", "");
            first = first == null ? id : first;
        }
        Awaitility.await()
                .until(() -> Integer.parseInt(database.one("select count(*) from pg_stat_activity where usename = '"
                                + CALLER + "' and state = 'active'"))
                        >= 8);
        String ofBob = queue(database.as(BOB), "done", "");
        awaitTold(ofBob);
        assertThat(error(first)).contains("time limit of 10 s");
        Awaitility.await()
                .until(() -> !database.one("select count(*) from net.callback where error_msg is not null")
                        .equals("0"));
        database.run("delete from net.callback");
    }

    @Test
    void rightsAreAskedAgainWhenItIsCalled() {
        start();
        database.run("select net.pause()");
        function("gone", "null;");
        String gone = queue(alice, "gone", "");
        alice.run("drop function app.gone(bigint)");
        function("secret", "null;");
        String denied = queue(database.as(BOB), "secret", "");
        alice.run(
                "revoke execute on function app.secret from public; grant execute on function app.secret to " + CALLER);
        database.run("select net.resume()");
        assertThat(error(gone)).contains("no such function any more");
        Awaitility.await()
                .until(() -> !database.rows("select from net.callback where id = " + denied
                                + " and error_msg like '%may not execute it any more'")
                        .isEmpty());
    }

    @Test
    void theCallRefusesWhatCouldNotBeCalled() {
        function("done", "null;");
        assertThatThrownBy(() -> queue(alice, "done", "")).hasMessageContaining("needs a bridge with --callback-url");
        start();
        alice.run("create function app.sets(id bigint) returns setof bigint language sql as 'select 1'");
        assertThatThrownBy(() -> queue(alice, "sets", "")).hasMessageContaining("returns no set");
        alice.run("create function app.two(id bigint, other text) returns void language sql as 'select'");
        assertThatThrownBy(() -> alice.run("select net.http_request('GET', '" + target.url("/")
                        + "', on_response := 'app.two(bigint, text)')"))
                .hasMessageContaining("must be a function of one bigint");
        alice.run("revoke execute on function app.done from public");
        assertThatThrownBy(() -> queue(database.as(BOB), "done", ""))
                .hasMessageContaining("permission denied for function");
        assertThatThrownBy(() -> queue(alice, "done", ""))
                .hasMessageContaining(
                        "the role of --callback-url, " + CALLER + ", may not execute function app.done(bigint)");
        assertThatThrownBy(() -> alice.run("select net.http_request('GET', '" + target.url("/")
                        + "', notify_channel := 'pgnetty_control')"))
                .hasMessageContaining("channel of yours");
    }

    /** What is no function at all, one of PostgreSQL's, another overload, one in a schema that the bridge may not see. */
    @Test
    void aForgedNameStopsNobody() {
        start();
        function("done", "insert into app.told (id) values (id);");
        for (String forged : List.of("this is ( bad", "", "pg_advisory_lock(bigint)", "app.done(text)")) {
            assertThatThrownBy(() ->
                            alice.run("insert into net.new_request (method, url, webhook, on_response) values ('GET', '"
                                    + target.url("/") + "', 'x', '" + forged + "')"))
                    .as(forged)
                    .hasMessageContaining("on_response must be a function of one bigint");
        }
        alice.run("insert into net.new_request (method, url, webhook, on_response) values ('GET', '" + target.url("/")
                + "', 'x', 'nowhere.\"no such\"(bigint)')");
        awaitTold(queue(database.as(BOB), "done", ""));
        assertThat(bridge.events(Event.ChoreFailed.class)).isEmpty();
    }

    @Test
    void whatAFunctionSetsForItsRoleHoldsForNoOther() {
        start();
        function(
                "sets",
                "alter role current_user set default_transaction_read_only = on;"
                        + " alter role current_user set search_path = app; alter role current_user set statement_timeout = 0;");
        function("done", "insert into app.told (id, as_role) values (id, current_setting('statement_timeout'));");
        try {
            queue(alice, "sets", "");
            Awaitility.await()
                    .until(() -> database.one("select count(*) from pg_db_role_setting s join pg_roles r"
                                    + " on r.oid = s.setrole where r.rolname = '" + CALLER + "'")
                            .equals("1"));
            String id = queue(database.as(BOB), "done", "");
            awaitTold(id);
            assertThat(database.one("select as_role from app.told where id = " + id))
                    .isEqualTo("10s");
        } finally {
            database.run("alter role " + CALLER + " reset all");
        }
    }

    @Test
    void oneThatEndsAllSessionsOfItsRoleIsEndedByTheBridge() {
        start();
        function(
                "kills",
                "loop begin loop perform pg_stat_clear_snapshot(), pg_terminate_backend(pid) from pg_stat_activity"
                        + " where usename = current_user and pid <> pg_backend_pid(); end loop;"
                        + " exception when query_canceled then null; end; end loop;");
        String id = queue(alice, "kills", "");
        assertThat(error(id)).contains("time limit of 10 s");
        function("done", "insert into app.told (id) values (id);");
        awaitTold(queue(database.as(BOB), "done", ""));
    }

    @Test
    void aRoleThatMayMoreIsNoneForIt() {
        assertThatThrownBy(() -> TestBridge.start(database, Map.of(Setting.CALLBACK_URL, database.text())))
                .hasMessageContaining("needs a role of its own");
        database.run("do $$ begin create role callback_member login password 'callback_member' in role " + ALICE
                + "; exception when duplicate_object then null; end $$");
        // Requests are sent all the same.
        bridge = TestBridge.start(
                database,
                Map.of(Setting.CALLBACK_URL, database.as("callback_member").text()));
        assertThat(bridge.events(Event.ChoreFailed.class))
                .extracting(Event.ChoreFailed::reason)
                .anySatisfy(reason -> assertThat(reason).contains("is a member of other roles"));
        function("done", "null;");
        assertThatThrownBy(() -> queue(alice, "done", "")).hasMessageContaining("needs a bridge with --callback-url");
        alice.run("select net.http_get('" + target.url("/") + "')");
        Awaitility.await().until(() -> target.count() == 1);
    }

    @Test
    void aLoginThatFailsStopsCallbacksAlone() {
        database.run("alter role " + CALLER + " nologin");
        try {
            start();
        } finally {
            database.run("alter role " + CALLER + " login");
        }
        assertThat(bridge.events(Event.ChoreFailed.class)).isNotEmpty();
        alice.run("select net.http_get('" + target.url("/") + "')");
        Awaitility.await().until(() -> target.count() == 1);
    }

    /** There is no login for a while: nothing is lost, and the server is not stormed. */
    @Test
    void whatCannotBeCalledWaits() {
        start();
        function("done", "insert into app.told (id) values (id);");
        database.run("alter role " + CALLER + " nologin");
        try {
            List<String> ids = new java.util.ArrayList<>();
            for (int i = 0; i < 40; i++) {
                ids.add(queue(alice, "done", ""));
            }
            Awaitility.await()
                    .until(() -> !bridge.events(Event.CallbackFailed.class).isEmpty());
            Awaitility.await().until(() -> target.count() == 40);
            database.run("alter role " + CALLER + " login");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> database.one("select count(*) from app.told").equals("40"));
            assertThat(bridge.events(Event.CallbackFailed.class)).hasSizeLessThan(40);
        } finally {
            database.run("alter role " + CALLER + " login");
        }
    }

    @Test
    void whatWasLostTooOftenIsToldToo() {
        function("done", "null;");
        database.run("insert into net.callback_role values ('" + CALLER + "')");
        String id = queue(alice, "done", ", max_attempts := 5");
        database.run("update net.http_request_queue set state = 'parked', losses = 3, error_msg = 'lost';"
                + "select net.bury_lost(10)");
        assertThat(alice.one("select id from net.callback")).isEqualTo(id);
    }

    @Test
    void aSchemaThatWhoQueuedMayNotUseIsNotReachedByAForgedRow() {
        start();
        function("done", "insert into app.told (id) values (id);");
        database.run("revoke usage on schema app from public; grant usage on schema app to " + CALLER + ", " + ALICE);
        database.as(BOB)
                .run("insert into net.new_request (method, url, webhook, on_response) values ('GET', '"
                        + target.url("/") + "', 'x', 'app.done(bigint)')");
        Awaitility.await()
                .until(() -> !database.rows("select from net.callback where due_at is null"
                                + " and error_msg like '%may not execute it any more'")
                        .isEmpty());
        assertThat(database.rows("select from app.told")).isEmpty();
    }

    @Test
    void whoListensIsToldWhenTheResponseIsThere() throws SQLException {
        bridge = TestBridge.start(database);
        try (Connection connection = alice.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("listen answers");
            String id = alice.one("select net.http_request('POST', '" + target.url("/")
                    + "', body_text := 'x', notify_channel := 'answers')");
            PGNotification[] told = connection.unwrap(PGConnection.class).getNotifications(20_000);
            assertThat(told).extracting(PGNotification::getParameter).containsExactly(id);
            assertThat(alice.one("select status from net.http_get_result(" + id + ")"))
                    .isEqualTo("SUCCESS");
        }
    }

    @Test
    void aTriggerOfTheOwnersOnResponsesFailsWithItsRowAlone() {
        database.run("create function app.audit() returns trigger language plpgsql as $f$ begin"
                + " if new.content = 'bad' then raise exception 'not that'; end if;"
                + " insert into app.told (id) values (new.id); return null; end $f$;"
                + "create trigger audit after insert on net._http_response for each row execute function app.audit()");
        bridge = TestBridge.start(database);
        String good = alice.one("select net.http_request('POST', '" + target.url("/") + "', body_text := 'good')");
        String bad = alice.one("select net.http_request('POST', '" + target.url("/") + "', body_text := 'bad')");
        String other = alice.one("select net.http_request('POST', '" + target.url("/") + "', body_text := 'other')");
        awaitTold(good);
        awaitTold(other);
        Awaitility.await()
                .until(() ->
                        alice.one("select net.http_request_status(" + bad + ")").equals("failed"));
        assertThat(alice.one("select error_msg from net.my_requests")).contains("not that");
    }
}
