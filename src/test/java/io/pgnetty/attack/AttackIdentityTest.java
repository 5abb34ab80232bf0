package io.pgnetty.attack;

import static io.pgnetty.attack.Attackers.ATTACKER;
import static io.pgnetty.attack.Attackers.VICTIM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Attempts to be somebody else: by code that a superuser or another role runs, and by what a call may be told. */
class AttackIdentityTest {

    private final TestDatabase database = Attackers.database();

    /** As autovacuum does, a superuser's ANALYZE runs the index expressions of a table as its owner, and is a superuser. */
    @Test
    void anIndexExpressionThatASuperuserRunsIsItsOwners() {
        prepareVictim();
        database.as(ATTACKER)
                .run("create table public.bait (id int); insert into public.bait values (1);"
                        + " create table public.loot (what text);"
                        + " create function public.take() returns void language plpgsql as $$ begin"
                        + "   insert into public.loot select 'role ' || net.caller();"
                        + "   insert into public.loot select 'request ' || id from net.my_requests;"
                        + "   insert into public.loot select 'response ' || id from net._http_response;"
                        + "   insert into public.loot select 'cancelled ' || net.cancel_where('*');"
                        + "   insert into public.loot select 'queued ' || net.http_get('http://loot.example/'); end $$;"
                        + " create function public.steal(i int) returns int language plpgsql immutable as $$ begin"
                        + "   perform public.take(); return i; end $$;"
                        + " create index on public.bait (public.steal(id)); truncate public.loot");
        for (String by : List.of(
                "analyze public.bait",
                "reindex table public.bait",
                "create index on public.bait (public.steal(id))",
                "cluster public.bait using bait_steal_idx")) {
            try {
                database.run(by);
            } catch (TestDatabase.Failed e) {
                // PostgreSQL itself may refuse what such code wants to do.
                assertThat(e.getMessage()).contains("security-restricted");
            }
        }
        database.as(ATTACKER).run("create materialized view public.view as select public.steal(1)");
        database.run("refresh materialized view public.view");
        assertThat(
                        database.rows(
                                "select distinct what from public.loot where what not like 'queued %'"
                                        + " and what not like 'request %' and what not like 'response %' or what in ('request 1', 'response 1')"))
                .allSatisfy(row -> assertThat(row.get(0)).isIn("role " + ATTACKER, "cancelled 0", "cancelled 1"));
        assertVictimIsWhole();
        assertThat(database
                        .rows("select distinct queued_by::text from net.http_request_queue"
                                + " where host = 'loot.example'")
                        .stream()
                        .map(row -> row.get(0))
                        .toList())
                .isSubsetOf(ATTACKER);
    }

    @Test
    void aDefinerFunctionOfOneReadsNothingOfWhoCallsIt() {
        prepareVictim();
        database.as(ATTACKER)
                .run("create table public.loot (what text);"
                        + " create function public.helpful() returns text language plpgsql security definer as $$ begin"
                        + "   insert into public.loot select 'request ' || id from net.my_requests;"
                        + "   insert into public.loot select 'response ' || id from net._http_response;"
                        + "   insert into public.loot select 'cancelled ' || net.cancel_where('*');"
                        + "   perform net.http_get('http://loot.example/');"
                        + "   return net.caller(); end $$;"
                        + " grant execute on function public.helpful() to public");
        for (TestDatabase caller : List.of(database.as(VICTIM), database)) {
            assertThat(caller.one("select public.helpful()")).isEqualTo(ATTACKER);
        }
        assertThat(database.rows("select what from public.loot where what like 'response%'"))
                .isEmpty();
        assertThat(database.rows(
                        "select distinct queued_by::text from net.http_request_queue" + " where host = 'loot.example'"))
                .containsExactly(List.of(ATTACKER));
        assertVictimIsWhole();
    }

    @Test
    void whoGivesAnOrderCannotBeSaid() {
        prepareVictim();
        TestDatabase eve = database.as(ATTACKER);
        for (String order : List.of(
                "net.cancellation (host, ordered_by) values ('*', '" + VICTIM + "'::regrole)",
                "net.redelivery (host, ordered_by) values ('*', '" + VICTIM + "'::regrole)",
                "net.key_lookup (key, ordered_by) values ('k', '" + VICTIM + "'::regrole)",
                "net.http_request_queue (method, url, queued_by) values ('GET', 'http://h/', '" + VICTIM
                        + "'::regrole)",
                "net.http_request_queue (method, url, host) values ('GET', 'http://h/', 'other')",
                "net.http_request_queue (id, method, url) overriding system value values (1, 'GET', 'http://h/')",
                "net.new_request (id, method, url) overriding system value values (1, 'GET', 'http://h/')")) {
            assertThatThrownBy(() -> eve.run("insert into " + order)).as(order).hasMessageContaining("denied");
        }
        assertVictimIsWhole();
    }

    /** PostgreSQL asks for no right on a column that a default fills, and a view of one's own may have any defaults. */
    @Test
    void defaultsOfAViewOfOnesOwnForgeNothing() throws SQLException {
        prepareVictim();
        Map<String, String> forged = Map.of(
                "regrole", "to_regrole('" + VICTIM + "')",
                "text", "'forged'",
                "timestamp with time zone", "'2001-01-01'",
                "integer", "77",
                "smallint", "77",
                "bigint", "1",
                "uuid", "'00000000-0000-0000-0000-000000000001'");
        for (List<String> column : database.rows("select attname, format_type(atttypid, null) from pg_attribute"
                + " where attrelid = 'net.http_request_queue'::regclass and attnum > 0 and not attisdropped"
                + " and not has_column_privilege('" + ATTACKER + "', attrelid, attnum, 'INSERT')"
                // What a call may say of its own request, too.
                + " and attname not in ('max_attempts', 'priority', 'state', 'due_at', 'rank', 'dedupe_key', 'fingerprint',"
                + " 'fire_and_forget', 'keep_failed', 'sign_with', 'ordering_key', 'on_dead', 'on_response', 'notify_channel',"
                + " 'keep_sent', 'webhook', 'webhook_table', 'keep_request')")) {
            String name = column.get(0);
            String value = forged.get(column.get(1));
            assertThat(value).as("a value for %s", column).isNotNull();
            try (Connection connection = database.as(ATTACKER).connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("create temp view mine as select method, url, " + name
                        + " from net.http_request_queue; alter view mine alter column " + name + " set default "
                        + value);
                try {
                    statement.execute(
                            "insert into mine (method, url) overriding system value values ('GET', 'http://forged.example/')");
                } catch (SQLException e) {
                    assertThat(name).as(e.getMessage()).isEqualTo("id");
                    continue;
                }
            }
            assertThat(database.one("select count(*) from net.http_request_queue where host = 'forged.example' and "
                            + name + " = " + value))
                    .as(name)
                    .isEqualTo("0");
        }
        assertThat(database.rows(
                        "select distinct queued_by::text from net.http_request_queue where host = 'forged.example'"))
                .containsExactly(List.of(ATTACKER));
        for (String order : List.of(
                "cancellation as select ids, host, ordered_by, cancelled|(host) values ('*')",
                "redelivery as select ids, host, ordered_by, new_ids|(host) values ('*')",
                "key_lookup as select key, fingerprint, ordered_by|(key, fingerprint) values ('the-key', 'x')")) {
            String[] parts = order.split("\\|", -1);
            String view = parts[0].substring(0, parts[0].indexOf(' '));
            try (Connection connection = database.as(ATTACKER).connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("create temp view mine as " + parts[0].substring(parts[0].indexOf("select"))
                        + " from net." + view + "; alter view mine alter column ordered_by set default to_regrole('"
                        + VICTIM + "')");
                // Carried out as the attacker's own, which reaches nothing.
                statement.execute("insert into mine " + parts[1]);
            }
        }
        assertVictimIsWhole();
    }

    /** The gate lets pass what the columns' defaults give, and what looks like it: an earlier time does not. */
    @Test
    void nobodyIsQueuedEarlierThanNow() {
        TestDatabase eve = database.as(ATTACKER);
        for (String column : List.of("created", "rank")) {
            eve.run("create temp view mine as select method, url, created, rank from net.http_request_queue;"
                    + " alter view mine alter column " + column
                    + " set default pg_catalog.clock_timestamp() - '1 h'::interval;"
                    + " insert into mine (method, url) values ('GET', 'http://early.example/')");
            assertThat(database.one(
                            "select bool_and(created > clock_timestamp() - '30 min'::interval and rank >= created)"
                                    + " from net.http_request_queue where host = 'early.example'"))
                    .as(column)
                    .isEqualTo("t");
            database.run("delete from net.http_request_queue where host = 'early.example'");
        }
    }

    /** Options that skip the functions, with values that these would not give. */
    @Test
    void optionsWithoutTheFunctionsHarmNobody() {
        TestDatabase eve = database.as(ATTACKER);
        for (String bad : List.of(
                "(method, url, not_before) values ('GET', 'http://h.example/', 'infinity')",
                "(method, url, not_before) values ('GET', 'http://h.example/', '-infinity')",
                "(method, url, not_before, dedupe_key, state) values ('GET', 'http://h.example/', '-infinity', 'k', 'keyed')",
                "(method, url, max_attempts) values ('GET', 'http://h.example/', null)",
                "(method, url, priority) values ('GET', 'http://h.example/', 1001)")) {
            assertThatThrownBy(() -> eve.run("insert into net.new_request " + bad))
                    .as(bad)
                    .hasMessageContaining("must be");
        }
        eve.run(
                "insert into net.new_request (method, url, rank, fire_and_forget, keep_failed)"
                        + " values ('GET', 'http://h.example/', '-infinity', null, null), ('GET', 'http://h.example/', '4713-01-01 BC', false, true)");
        eve.run(
                "insert into net.new_request (method, url, dedupe_key, state, rank)"
                        + " values ('GET', 'http://h.example/', 'k', 'keyed', '2001-01-01'),"
                        + " ('GET', 'http://h.example/', null, 'keyed', '2001-01-01'), ('GET', 'http://h.example/', 'l', 'parked', null)");
        assertThat(database.one("select count(*) from net.http_request_queue"
                        + " where rank > now() - interval '1 minute' and isfinite(rank)"))
                .isEqualTo("5");
        assertThat(database.one("select string_agg(state, ' ' order by id) from net.http_request_queue"))
                .isEqualTo("due due keyed due due");
    }

    @Test
    void settingsOfTheSessionLendNobodysRights() throws SQLException {
        prepareVictim();
        for (String setting : List.of(
                "set row_security = off",
                "set net.quiet = on",
                "set pgnetty.grantees = '{public}'",
                "set search_path = ''",
                "set plan_cache_mode = force_generic_plan",
                "set enable_indexscan = off")) {
            try (Connection connection = database.as(ATTACKER).connect();
                    Statement statement = connection.createStatement()) {
                statement.execute(setting);
                assertThat(TestDatabase.rows(statement, "select net.cancel_where('*'), net.http_request_status(1)"))
                        .as(setting)
                        .containsExactly(List.of("0", "unknown"));
                assertThat(TestDatabase.rows(statement, "select count(*) from net.my_requests"))
                        .as(setting)
                        .containsExactly(List.of("0"));
            }
        }
        assertVictimIsWhole();
    }

    /** PostgREST and its like: one session, many roles. */
    @Test
    void theNextRequestOnAConnectionIsSomebodyElse() throws SQLException {
        prepareVictim();
        database.run("do $$ begin create role attack_gate login noinherit password 'attack_gate';"
                + " exception when duplicate_object then null; end $$; grant " + VICTIM + ", " + ATTACKER
                + " to attack_gate");
        try (Connection connection = database.as("attack_gate").connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 12; i++) {
                boolean victim = i % 2 == 0;
                statement.execute("set local role " + (victim ? VICTIM : ATTACKER));
                // Often enough for cached plans.
                assertThat(TestDatabase.rows(
                                statement,
                                "select (select count(*) from net.my_requests), (select count(*) from net._http_response),"
                                        + " net.http_request_status(1), (net.http_get_result(1)).status, net.caller()"))
                        .containsExactly(
                                victim
                                        ? List.of("1", "1", "queued", "PENDING", VICTIM)
                                        : List.of("0", "0", "unknown", "ERROR", ATTACKER));
                connection.commit();
            }
        }
    }

    /** What explain analyze counts must be the same whether somebody else's row is there or not. */
    @Test
    void explainTellsNothingOfRowsOfOthers() {
        prepareVictim();
        TestDatabase eve = database.as(ATTACKER);
        for (String relation : List.of("net._http_response", "net.my_requests", "net.attempts", "net.dead_letter")) {
            assertThat(explained(eve, relation, "id = 1")).as(relation).isEqualTo(explained(eve, relation, "id = 777"));
            assertThat(explained(eve, relation, "id between 1 and 1 order by id"))
                    .as(relation)
                    .isEqualTo(explained(eve, relation, "id between 777 and 777 order by id"));
        }
        for (String relation : List.of("net._http_response", "net.my_requests", "net.dead_letter")) {
            for (String condition : List.of(
                    "dedupe_key >= '%s'",
                    "dedupe_key = '%s'",
                    "dedupe_key like '%s'",
                    "queued_by = '" + VICTIM + "'::regrole and dedupe_key >= '%s'")) {
                assertThat(explained(eve, relation, condition.formatted("the-key")))
                        .as(relation + " where " + condition)
                        .isEqualTo(explained(eve, relation, condition.formatted("zzz-key")));
            }
        }
    }

    private static String explained(TestDatabase role, String relation, String condition) {
        List<List<String>> plan = role.rows("explain (analyze, costs off, timing off, summary off) select * from "
                + relation + " where " + condition);
        return plan.toString().replaceAll("(<=|>=|=) (777|1)\\b", "$1 N").replaceAll("(the|zzz)-key", "K");
    }

    private void prepareVictim() {
        database.as(VICTIM)
                .run("select net.http_request('GET', 'http://victim.example/', idempotency_key := 'the-key')");
        database.run("insert into net._http_response (id, queued_by, content, dedupe_key) values (1, '" + VICTIM
                + "'::regrole, 'secret', 'the-key')");
    }

    private void assertVictimIsWhole() {
        assertThat(database.rows(
                        "select id, queued_by::text from net.http_request_queue where host = 'victim.example'"))
                .containsExactly(List.of("1", VICTIM));
        assertThat(database.rows(
                        "select id, content from net._http_response where queued_by = '" + VICTIM + "'::regrole"))
                .containsExactly(List.of("1", "secret"));
    }
}
