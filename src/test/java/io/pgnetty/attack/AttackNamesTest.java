package io.pgnetty.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.postgres.Schema;
import io.pgnetty.testing.PgBouncer;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Functions and operators of others that come before PostgreSQL's own: every one there is in pg_catalog has a double in a
 * schema that the settings of database and role put first. Each writes down that it was called, and as whom.
 */
class AttackNamesTest {

    private static final String SHADOWS = "do $do$ declare f record; n int := 0; made int := 0; result text; begin"
            // A double is as exact a match as the original, and comes first.
            + " for f in select o.oprname, o.oprleft, o.oprright, o.oprresult from pg_operator o"
            + "   where o.oprnamespace = 'pg_catalog'::regnamespace loop"
            + "   n := n + 1;"
            + "   begin"
            + "     execute format('create function evil.op_%s(%s) returns %s language plpgsql as %L', n,"
            + "       concat_ws(', ', nullif(f.oprleft, 0)::regtype, nullif(f.oprright, 0)::regtype), f.oprresult::regtype,"
            + "       'begin raise exception ''shadowed operator ' || f.oprname || ' as %'', current_user; end');"
            + "     execute format('create operator evil.%s (%s function = evil.op_%s)', f.oprname,"
            + "       coalesce('leftarg = ' || nullif(f.oprleft, 0)::regtype || ', ', '')"
            + "       || coalesce('rightarg = ' || nullif(f.oprright, 0)::regtype || ', ', ''), n);"
            + "     made := made + 1;"
            + "   exception when others then null; end;"
            + " end loop;"
            // Closer matches for what is neither one nor the other, too.
            + " for f in select distinct o.oprname, l.t as l, r.t as r from pg_operator o,"
            + "   unnest('{text,varchar,name,bigint,integer,numeric,double precision,interval,timestamptz}'::text[]) l (t),"
            + "   unnest('{text,varchar,name,bigint,integer,numeric,double precision,interval,timestamptz}'::text[]) r (t)"
            + "   where o.oprname in ('=', '<>', '<', '>', '<=', '>=', '+', '-', '*', '/', '||', '~') loop"
            + "   n := n + 1;"
            + "   begin"
            + "     execute format('create function evil.op_%s(%s, %s) returns boolean language plpgsql as %L', n, f.l, f.r,"
            + "       'begin raise exception ''shadowed operator as %'', current_user; end');"
            + "     execute format('create operator evil.%s (leftarg = %s, rightarg = %s, function = evil.op_%s)',"
            + "       f.oprname, f.l, f.r, n);"
            + "     made := made + 1;"
            + "   exception when others then null; end;"
            + " end loop;"
            + " for f in select p.proname, pg_get_function_identity_arguments(p.oid) as args,"
            + "   case when p.proretset then 'setof ' else '' end || p.prorettype::regtype as result"
            + "   from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace loop"
            + "   begin"
            + "     execute format('create function evil.%I(%s) returns %s language plpgsql as %L', f.proname, f.args, f.result,"
            + "       'begin raise exception ''shadowed function ' || f.proname || ' as %'', current_user; end');"
            + "     made := made + 1;"
            + "   exception when others then null; end;"
            + " end loop;"
            + " if made < 3000 then raise exception 'only % doubles', made; end if; end $do$";

    private static final String OWNER = "attack_owner";

    private TestDatabase admin;
    private Target target;

    @BeforeEach
    void begin() {
        admin = TestPostgres.shared().empty();
        admin.run("do $$ begin create role " + OWNER + " login password '" + OWNER
                + "'; exception when duplicate_object then null; end $$;"
                + " grant create on database " + admin.url().database() + " to " + OWNER
                + "; create schema evil; grant usage on schema evil to public");
        TestPostgres.install(admin.as(OWNER));
        admin.run(SHADOWS);
        target = new Target();
    }

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    private void pathOfOthers() {
        for (String setting :
                List.of("search_path = evil, pg_catalog, public", "transform_null_equals = on", "array_nulls = off")) {
            admin.run("alter role " + OWNER + " in database " + admin.url().database() + " set " + setting);
        }
    }

    @Test
    void theBridgeCallsNoneOfThem() {
        pathOfOthers();
        everythingWorks(Map.of());
    }

    @Test
    void theBridgeBehindAPoolerCallsNoneOfThem() {
        org.junit.jupiter.api.Assumptions.assumeTrue(PgBouncer.installed(), "needs pgbouncer");
        TestDatabase owner = admin.as(OWNER);
        PgBouncer pooler = PgBouncer.inFrontOf(owner);
        pathOfOthers();
        everythingWorks(Map.of(Setting.URL, pooler.url(owner), Setting.LISTEN_URL, owner.text()));
    }

    /** All that a bridge does with the database, at least once. */
    private void everythingWorks(Map<Setting, String> settings) {
        Map<Setting, String> all = new HashMap<>(settings);
        all.put(Setting.LEASE, "2s");
        all.put(Setting.RESPONSE_TTL, "1h");
        target.inTurn("/retried", Map.of(), 500, 200);
        target.respond("/broken", 500, Map.of(), new byte[0]);
        target.respond("/away", 302, Map.of("Location", "http://localhost:" + target.port() + "/ok"), new byte[0]);
        try (TestBridge bridge = TestBridge.start(admin.as(OWNER), all)) {
            admin.run("select net.http_get('" + target.url("/ok") + "') from generate_series(1, 20)");
            admin.run("select net.http_request('GET', '" + target.url("/retried") + "', max_attempts := 3)");
            admin.run("select net.http_request('GET', '" + target.url("/broken") + "', keep_failed := true)");
            admin.run("select net.http_request('GET', '" + target.url("/ok") + "', idempotency_key := 'k')");
            admin.run("select net.http_request('GET', '" + target.url("/ok")
                    + "', not_before := clock_timestamp() + '1.5 s')");
            admin.run("select net.http_get('" + target.url("/away") + "')");
            admin.run("begin isolation level repeatable read; select net.http_request('GET', '" + target.url("/ok")
                    + "', idempotency_key := 'other'); commit");
            Awaitility.await("responses")
                    .atMost(Duration.ofSeconds(40))
                    .untilAsserted(() -> assertThat(admin.rows(
                                    "select status_code, count(*) from net._http_response" + " group by 1 order by 1"))
                            .containsExactly(List.of("200", "25"), List.of("500", "1")));
            assertThat(bridge.events(Event.ChoreFailed.class)).isEmpty();
            assertThat(bridge.events(Event.WriteBackFailed.class)).isEmpty();
            assertThat(bridge.events(Event.CutOff.class)).isEmpty();
        }
    }

    @Test
    void aCallerWithSuchAPathQueuesByOurRules() throws SQLException {
        try (Connection connection = admin.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set search_path = evil, pg_catalog");
            for (String call : List.of(
                    "net.http_get('http://h.example/')",
                    "net.http_post('http://H.example:0443/', '{}', '{\"a\": \"\u00e4\"}', '{\"X\": \"y\"}')",
                    "net.http_request('PUT', 'http://h.example/', body_text := 'x', max_attempts := 3, idempotency_key := 'k')",
                    "net.http_request_status(1)",
                    "net.http_get_result(1)",
                    "net.cancel(1)",
                    "net.cancel_where('*')",
                    "net.redeliver_where('*')",
                    "net.pause('h.example')",
                    "net.resume()",
                    "net.set_host_rule('*', 5)",
                    "net.wake()",
                    "net.worker_restart()")) {
                statement.execute("select " + call);
            }
            statement.execute("insert into net.http_request_queue (method, url) values ('GET', 'http://h.example/')");
            for (String url : List.of("ftp://h/", "http://h h/", "http://a..b/")) {
                assertThatThrownBy(() -> statement.execute(
                                "insert into net.http_request_queue (method, url) values ('GET', '" + url + "')"))
                        .hasMessageContaining("url");
            }
        }
    }

    @Test
    void aRoleOfTheDatabaseHidesNoSuperuserFromTheGuard() {
        admin.run("alter database " + admin.url().database() + " set role " + OWNER);
        for (TestDatabase superuser : List.of(admin)) {
            assertThatThrownBy(() -> Schema.run(
                                    superuser.url(),
                                    Schema.installScript(
                                            new Schema.Options(List.of(), Optional.empty(), Optional.empty())))
                            .block())
                    .hasMessageContaining("belongs to role \"" + OWNER + "\"");
            assertThatThrownBy(() -> TestBridge.start(superuser)).hasMessageContaining("is a superuser");
        }
    }
}
