package io.pgnetty.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may do and see what. Who queued is the outer role, however the call came about. */
@ParameterizedClass
@MethodSource("io.pgnetty.contract.Backend#all")
class AccessContractTest extends Contract {

    private static final String QUEUED_BY = "select queued_by from net._http_response where id = ";

    @Test
    void aRoleSeesItsOwnAndNoOther() {
        TestDatabase alice = database.as("alice");
        TestDatabase bob = database.as("bob");
        String id = alice.one("select net.http_get('" + target.url("/") + "')");
        assertThat(result(alice, id).status()).isEqualTo("SUCCESS");

        assertThat(alice.one("select count(*) from net._http_response where id = " + id))
                .isEqualTo("1");
        assertThat(alice.one("select net.http_request_status(" + id + ")")).isEqualTo("succeeded");
        assertThat(bob.one("select count(*) from net._http_response where id = " + id))
                .isEqualTo("0");
        assertThat(bob.one("select net.http_request_status(" + id + ")")).isEqualTo("unknown");
        assertThat(result(bob, id).message()).isEqualTo("request " + id + " not found");
        assertThat(database.one("select count(*) from net._http_response where id = " + id))
                .isEqualTo("1");
    }

    @Test
    void membersSeeToo() {
        database.run("drop role if exists dora; create role dora login password 'dora'; grant alice to dora");
        String id = database.as("alice").one("select net.http_get('" + target.url("/") + "')");
        assertThat(result(database.as("dora"), id).status()).isEqualTo("SUCCESS");
        assertThat(database.as("dora").one("select count(*) from net._http_response where id = " + id))
                .isEqualTo("1");
        database.run("drop role dora");
    }

    /** A definer function is its owner, who is told so; and what to do then. */
    @Test
    void aDefinerFunctionIsToldWhoseRequestsItSees() {
        String id = database.as("alice").one("select net.http_get('" + target.url("/") + "')");
        assertThat(result(database.as("alice"), id).status()).isEqualTo("SUCCESS");
        database.run("create or replace function public.answer(id bigint) returns text language sql security definer"
                + " as $$ select (net.http_get_result(id)).message $$;"
                + " alter function public.answer(bigint) owner to bob");
        String answer = "select public.answer(" + id + ")";
        assertThat(database.as("alice").one(answer))
                .isEqualTo("request " + id
                        + " not found among those of role \"bob\": a security definer function sees what"
                        + " its owner queued, and roles that the owner is a member of");
        // One that never was is answered alike.
        assertThat(database.as("alice").one("select public.answer(0)")).startsWith("request 0 not found among those");

        database.run("grant alice to bob");
        assertThat(database.as("alice").one(answer)).isEqualTo("ok");
        database.run("revoke alice from bob; alter function public.answer(bigint) security invoker");
        assertThat(database.as("alice").one(answer)).isEqualTo("ok");
        database.run("drop function public.answer(bigint)");
    }

    @Test
    void setRoleAndSessionAuthorizationCount() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set role alice");
            String id = TestDatabase.rows(statement, "select net.http_get('" + target.url("/") + "')")
                    .get(0)
                    .get(0);
            statement.execute("reset role; set session authorization bob");
            String other = TestDatabase.rows(statement, "select net.http_get('" + target.url("/") + "')")
                    .get(0)
                    .get(0);
            statement.execute("reset session authorization");
            result(id);
            result(other);

            assertThat(database.one(QUEUED_BY + id)).isEqualTo("alice");
            assertThat(database.one(QUEUED_BY + other)).isEqualTo("bob");
        }
    }

    @Test
    void aDefinerFunctionQueuesForItsOwnerWhoSeesTheResult() {
        database.run(
                "create or replace function public.call_for_me(u text) returns bigint language sql security definer"
                        + " as 'select net.http_get(u)'; alter function public.call_for_me(text) owner to bob;"
                        + " grant execute on function public.call_for_me(text) to alice");
        String id = database.as("alice").one("select public.call_for_me('" + target.url("/") + "')");
        result(id);

        assertThat(database.one(QUEUED_BY + id)).isEqualTo("bob");
        assertThat(database.as("bob").one("select net.http_request_status(" + id + ")"))
                .isEqualTo("succeeded");
        assertThat(database.as("alice").one("select net.http_request_status(" + id + ")"))
                .isEqualTo("unknown");
    }

    @Test
    void anInvokerTriggerQueuesForWhoeverWrites() {
        target.on("/trigger", (request, out, socket) -> {
            out.write(
                    ("HTTP/1.1 200 OK\r\nX-Key: " + request.header("idempotency-key") + "\r\nContent-Length: 0\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return true;
        });
        database.run("drop table if exists written; create table written (u text); grant insert on written to alice;"
                + " create or replace function public.on_written() returns trigger language plpgsql as"
                + " $$ begin perform net.http_get(new.u); return new; end $$;"
                + " create trigger t after insert on written for each row execute function public.on_written()");
        String url = target.url("/trigger");
        database.as("alice").run("insert into written values ('" + url + "')");
        Awaitility.await().until(() -> target.count() == 1);
        String key = target.only().header("idempotency-key");

        // The target gives the key back, so that the response is found by it.
        assertThat(key).isNotBlank();
        Awaitility.await()
                .until(() -> !database.rows("select from net._http_response where queued_by = 'alice'::regrole"
                                + " and headers ->> 'X-Key' = '" + key + "'")
                        .isEmpty());
    }

    @Test
    void aSuperuserQueuesForItself() {
        String id = send("select net.http_get('" + target.url("/") + "')").id();
        assertThat(database.one(QUEUED_BY + id)).isEqualTo(database.url().user());
    }

    @Test
    void withoutAGrantNothingIsAllowed() {
        TestDatabase carol = database.as("carol");
        for (String sql : new String[] {
            "select net.http_get('http://example.com')",
            "select * from net._http_response",
            "select * from net.my_requests",
            "insert into net.http_request_queue (method, url, headers, timeout_milliseconds) values ('GET', 'http://a', '{}', 1)",
        }) {
            assertThatThrownBy(() -> carol.rows(sql)).as(sql).hasMessageContaining("permission denied");
        }
    }

    @Test
    void aGrantForgesNothing() {
        TestDatabase alice = database.as("alice");
        String columns = "insert into net.http_request_queue (method, url, headers, timeout_milliseconds, ";
        for (String sql : new String[] {
            columns + "queued_by) values ('GET', 'http://a', '{}', 1, 'bob')",
            columns + "attempt) values ('GET', 'http://a', '{}', 1, 7)",
            columns + "id) overriding system value values ('GET', 'http://a', '{}', 1, 1)",
            "select * from net.http_request_queue",
            "update net.http_request_queue set url = 'http://b'",
            "delete from net._http_response",
            "insert into net._http_response (id, queued_by) values (1, 'alice')",
            "create trigger t after insert on net._http_response execute function net.notify_bridges()",
        }) {
            assertThatThrownBy(() -> alice.rows(sql)).as(sql).hasMessageContaining("permission denied");
        }
    }

    @Test
    void credentialsAreMaskedWhereRowsAreShown() throws SQLException {
        try (Connection connection = database.as("alice").connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select net.http_get('http://a', headers := '{\"Authorization\": \"Bearer x\","
                    + " \"X-Api-Key\": \"k\", \"apikey\": \"k\", \"X-Plain\": \"p\"}')");
            assertThat(TestDatabase.rows(statement, "select headers from net.my_requests")
                            .get(0)
                            .get(0))
                    .contains("\"Authorization\": \"***\"", "\"X-Api-Key\": \"***\"", "\"apikey\": \"***\"", "\"p\"");
            connection.rollback();
        }
    }

    @Test
    void callsAreInvokersThatPinTheirSearchPathAndNothingIsPublic() {
        assertThat(
                        database.rows(
                                "select proname from pg_proc where pronamespace = 'net'::regnamespace and prosecdef"
                                        + " and not coalesce(array_to_string(proconfig, ','), '') like '%search_path=pg_catalog, pg_temp%'"))
                .isEmpty();
        assertThat(database.rows(
                        "select proname from pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) a"
                                + " where pronamespace = 'net'::regnamespace and a.grantee = 0"))
                .isEmpty();
        assertThat(database.rows("select proname from pg_proc where pronamespace = 'net'::regnamespace and proname in"
                        + " ('http_get', 'http_post', 'http_put', 'http_patch', 'http_delete', 'http_request', 'cancel',"
                        + " 'http_get_result', '_http_collect_response', 'http_collect_response', 'http_request_status',"
                        + " 'wake', 'wait_until_running', 'check_worker_is_up', 'worker_restart')"
                        + " and not prosecdef and provolatile = 'v' and proparallel = 'u' and not proisstrict"
                        + " and array_to_string(proconfig, ',') like '%search_path=pg_catalog, pg_temp%'"))
                .hasSize(15);
    }
}
