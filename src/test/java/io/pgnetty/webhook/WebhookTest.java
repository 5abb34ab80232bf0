package io.pgnetty.webhook;

import static io.pgnetty.webhook.Webhooks.bodies;
import static io.pgnetty.webhook.Webhooks.json;
import static io.pgnetty.webhook.Webhooks.urls;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a table with a webhook sends, and when. */
class WebhookTest {

    private static final String URL = "https://hooks.example/in";

    private final TestDatabase database = TestPostgres.shared().installed();

    @BeforeEach
    void table() {
        database.run(
                "create schema shop;"
                        + "create table shop.orders (id bigint primary key, status text, total numeric, note text, extra json)");
    }

    private void create(String arguments) {
        database.run("select net.create_webhook(" + arguments + ")");
    }

    /** Large rows are stored out of line, and each is its own: all of it is compared. */
    @Test
    void eachChangeArrivesWithItsOldAndItsNewRow() throws IOException {
        try (Target target = new Target();
                TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge.bridge()).isNotNull();
            create("'orders', 'shop.orders', '{insert,update,delete}', '" + target.url("/in") + "'");
            database.run("insert into shop.orders select 9223372036854775000 + i, 'new', 12345678901234567890.123450,"
                    + " (select string_agg(md5(i || '-' || j), '') from generate_series(1, 3000) j)"
                    + " from generate_series(1, 20) i");
            database.run("update shop.orders set status = 'paid'");
            database.run("delete from shop.orders");
            Awaitility.await().until(() -> target.count() == 60);

            Set<JsonRow> expected = new HashSet<>();
            for (int i = 1; i <= 20; i++) {
                String note = database.one(
                        "select string_agg(md5(" + i + " || '-' || j), '') from generate_series(1, 3000) j");
                String fresh = row(i, "new", note);
                String paid = row(i, "paid", note);
                expected.add(new JsonRow("INSERT", fresh, "null"));
                expected.add(new JsonRow("UPDATE", paid, fresh));
                expected.add(new JsonRow("DELETE", "null", paid));
            }
            Set<JsonRow> got = new HashSet<>();
            for (Target.Request request : target.requests()) {
                var body = json(request.text());
                assertThat(request.header("content-type")).isEqualTo("application/json");
                assertThat(body.get("table").asString()).isEqualTo("orders");
                assertThat(body.get("schema").asString()).isEqualTo("shop");
                // As text: a JSON reader's numbers are not exact.
                assertThat(request.text())
                        .contains("12345678901234567890.123450")
                        .contains("92233720368547750");
                got.add(new JsonRow(
                        body.get("type").asString(),
                        body.get("record").toString(),
                        body.get("old_record").toString()));
            }
            assertThat(got).isEqualTo(expected);
        }
    }

    private record JsonRow(String type, String record, String old) {}

    private static String row(int i, String status, String note) {
        return json("{\"id\": " + (9223372036854775000L + i) + ", \"status\": \"" + status
                        + "\", \"total\": 12345678901234567890.123450, \"note\": \"" + note + "\", \"extra\": null}")
                .toString();
    }

    @Test
    void onlyACommitSends() {
        create("'orders', 'shop.orders', '{insert}', '" + URL + "'");
        database.run("insert into shop.orders values (1); do $$ begin insert into shop.orders values (2);"
                + " raise exception 'no'; exception when others then null; end $$; insert into shop.orders values (3)");
        assertThat(bodies(database))
                .extracting(body -> body.at("/record/id").asInt())
                .containsExactly(1, 3);
    }

    @Test
    void anUpdateCountsWhereSomethingChanged() {
        create("'all', 'shop.orders', '{update}', '" + URL + "'");
        create("'some', 'shop.orders', '{update}', '" + URL + "/some', columns := '{total,extra}',"
                + " condition := 'new.total > 1 or old.total > 1'");
        database.run("insert into shop.orders values (1, 'new', 1, 'n', '{\"a\": 1}')");
        for (String change : List.of(
                "status = status",
                "status = 'paid'",
                "extra = '{\"a\": 2}'",
                "total = 1.0",
                "total = 5",
                "note = null",
                "extra = null")) {
            database.run("update shop.orders set " + change);
        }
        assertThat(urls(database)).filteredOn(URL::equals).hasSize(6);
        assertThat(bodies(database)).hasSize(8);
        assertThat(urls(database)).filteredOn((URL + "/some")::equals).hasSize(2);
    }

    @Test
    void upsertsPartitionsMovesAndTruncatesAreWhatTheyAre() {
        database.run(
                "create table shop.events (id int, day date, n int default 0, primary key (id, day))"
                        + " partition by range (day);"
                        + "create table shop.events_1 partition of shop.events for values from ('2026-01-01') to ('2026-02-01');"
                        + "create table shop.events_2 partition of shop.events for values from ('2026-02-01') to ('2026-03-01')");
        create("'events', 'shop.events', '{insert,update,delete,truncate}', '" + URL + "'");
        String upsert = "insert into shop.events values (1, '2026-01-05') on conflict (id, day) do update set n = 1";
        database.run(upsert);
        database.run(upsert);
        database.run("insert into shop.events_2 values (2, '2026-02-05')");
        database.run("update shop.events set day = '2026-02-06' where id = 1");
        database.run("truncate shop.events");

        assertThat(bodies(database))
                .extracting(body ->
                        body.get("type").asString() + " " + body.at("/record/id") + " " + body.at("/old_record/id"))
                .containsExactly("INSERT 1 ", "UPDATE 1 1", "INSERT 2 ", "DELETE  1", "INSERT 1 ", "TRUNCATE  ");
        assertThat(bodies(database))
                .extracting(body -> body.get("table").asString())
                .containsOnly("events");
        database.run(
                "create table shop.events_3 partition of shop.events for values from ('2026-03-01') to ('2026-04-01');"
                        + "insert into shop.events values (3, '2026-03-05')");
        assertThat(bodies(database)).hasSize(7);
    }

    @Test
    void theUrlMayBeInTheRow() {
        create("'tenant', 'shop.orders', '{insert,update,delete}',"
                + " $$case when this.note is not null then 'https://' || this.note || '.example/' || this.id end$$");
        database.run("insert into shop.orders values (1, 'new', 1, 'acme'), (2, 'new', 1, null);"
                + "update shop.orders set note = 'other' where id = 1; delete from shop.orders");
        assertThat(urls(database))
                .containsExactly("https://acme.example/1", "https://other.example/1", "https://other.example/1");
    }

    /** One more is an insert; one that is wrong stops neither the others nor who writes. */
    @Test
    void aTableOfEndpointsIsAskedWhenTheRowChanges() {
        database.run(
                "create table shop.hook (note text, url text, active boolean, events text[], headers jsonb, sign_with text);"
                        + "insert into shop.hook values ('a', 'https://a.example/1', true, null, null, null),"
                        + " ('a', 'https://a.example/2', true, '{delete}', '{\"x-kind\": \"own\"}', 'key2'),"
                        + " ('a', 'https://a.example/off', false, null, null, null),"
                        + " ('a', 'https://a b.example/', true, null, null, null),"
                        + " ('a', 'https://a.example/bad', true, null, '{\"a b\": 1}', null),"
                        + " ('a', 'https://a.example/bad', true, null, null, 'a b'),"
                        + " ('a', null, true, null, null, null),"
                        + " ('b', 'https://b.example/1', true, null, null, null)");
        create(
                "'hooks', 'shop.orders', '{insert,update,delete}', endpoints := 'shop.hook',"
                        + " endpoint_condition := 'endpoint.note = this.note', sign_with := 'key1', headers := '{\"X-Kind\": \"all\"}'");
        database.run("insert into shop.orders values (1, 'new', 1, 'a'), (2, 'new', 1, 'b'), (3, 'new', 1, 'c')");
        assertThat(urls(database)).containsExactly("https://a.example/1", "https://b.example/1");
        database.run(
                "truncate net.http_request_queue; insert into shop.hook (note, url, active) values ('a', 'https://a.example/3', true);"
                        + "delete from shop.orders where id = 1");
        assertThat(database.rows(
                        "select url, coalesce(headers ->> 'X-Kind', headers ->> 'x-kind'), sign_with, convert_from(body, 'UTF8')::jsonb #>> '{old_record,id}'"
                                + " from net.http_request_queue order by url"))
                .containsExactly(
                        List.of("https://a.example/1", "all", "key1", "1"),
                        List.of("https://a.example/2", "own", "key2", "1"),
                        List.of("https://a.example/3", "all", "key1", "1"));
        assertThat(database.one("select endpoints from net.webhooks")).isEqualTo("shop.hook");
    }

    /** All rows arrive once, old beside new, in packets of so many rows and bytes. */
    @Test
    void aBulkLoadTakesAFewRequests() {
        create("'bulk', 'shop.orders', '{insert,update,delete}', '" + URL + "', mode := 'statement', batch := 100,"
                + " batch_bytes := 20000, exclude_columns := '{extra}'");
        database.run("insert into shop.orders select i, 'new', i, repeat('x', case when i > 900 then 2000 end)"
                + " from generate_series(1, 1000) i");
        database.run(
                "update shop.orders set total = total + case when id % 2 = 0 then 1 else 0 end, id = -id where id <= 10");
        database.run("update shop.orders set total = total");
        database.run("delete from shop.orders where id > 998");
        database.run("delete from shop.orders where id = 5000");
        List<tools.jackson.databind.JsonNode> bodies = bodies(database);
        List<Integer> inserted = new java.util.ArrayList<>();
        for (var body : bodies) {
            if (body.get("type").asString().equals("INSERT")) {
                assertThat(body.get("records").size()).isBetween(1, 100);
                assertThat(body.get("records").toString().length()).isLessThan(23_000);
                body.get("records").forEach(row -> inserted.add(row.get("id").asInt()));
                assertThat(body.get("old_records").isNull()).isTrue();
            }
        }
        assertThat(inserted)
                .isEqualTo(
                        java.util.stream.IntStream.rangeClosed(1, 1000).boxed().toList());
        assertThat(bodies.size()).isBetween(20, 40);
        var update = bodies.get(bodies.size() - 2);
        assertThat(update.get("records")).hasSize(10);
        for (int i = 0; i < 10; i++) {
            int id = update.get("old_records").get(i).get("id").asInt();
            assertThat(update.get("records").get(i).get("id").asInt()).isEqualTo(-id);
            assertThat(update.get("records").get(i).get("total").asInt()).isEqualTo(id % 2 == 0 ? id + 1 : id);
        }
        var delete = bodies.get(bodies.size() - 1);
        assertThat(delete.get("records").isNull()).isTrue();
        assertThat(delete.get("old_records")).hasSize(2);
        assertThat(delete.toString()).doesNotContain("extra");
    }

    /** Whatever its columns are called, and however many rows came before in the session. */
    @Test
    void bulkLoadsTakeOddNamesAndManyRows() throws SQLException {
        database.run(
                "create type shop.pair as (a int); create table shop.odd (t shop.pair, r int, n int, c text, old text, \"new\" text,"
                        + " this int, w int, o int)");
        create("'odd', 'shop.odd', '{insert,update,delete}', '" + URL
                + "', mode := 'statement', batch := 30000, batch_bytes := 100000000");
        String row =
                "{\"t\":{\"a\":1},\"r\":2,\"n\":3,\"c\":\"c\",\"old\":\"o\",\"new\":\"n\",\"this\":4,\"w\":5,\"o\":6}";
        database.run("insert into shop.odd values (row(1), 2, 3, 'c', 'o', 'n', 4, 5, 6)");
        database.run("update shop.odd set r = 3");
        database.run("delete from shop.odd");
        String changed = row.replace("\"r\":2", "\"r\":3");
        assertThat(bodies(database))
                .extracting(body -> body.get("records") + " " + body.get("old_records"))
                .containsExactly("[" + row + "] null", "[" + changed + "] [" + row + "]", "null [" + changed + "]");

        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(30);
            statement.execute("insert into shop.odd (r) values (0)");
            statement.execute("update shop.odd set r = 1");
            statement.execute("insert into shop.odd (r) select i from generate_series(1, 20000) i");
            statement.execute("update shop.odd set n = r");
        }
        assertThat(bodies(database).get(6).get("records")).hasSize(20_001);
    }

    /** Escaped where the database's encoding is not that of JSON, and also what jsonb cannot hold. */
    @ParameterizedTest
    @ValueSource(strings = {"LATIN1", "SQL_ASCII"})
    void otherEncodingsSendTheSame(String encoding) {
        TestDatabase other = TestPostgres.install(TestPostgres.shared().empty(encoding));
        other.run("create table item (id int, note text, doc json);"
                + "select net.create_webhook('item', 'item', '{insert}', '" + URL + "');"
                + "insert into item values (1, 'caf\u00e9', '{\"n\": \"\\u0000\"}')");
        assertThat(json(other.one("select convert_from(body, 'SQL_ASCII') from net.http_request_queue"))
                        .at("/record/note")
                        .asString())
                .isEqualTo("caf\u00e9");
    }

    @Test
    void methodHeadersAndColumnsAreAsAsked() {
        create("'put', 'shop.orders', '{insert}', '" + URL + "', method := 'PUT', headers := '{\"X-Kind\": \"order\"}',"
                + " exclude_columns := '{note,extra}', timeout_milliseconds := 700, max_attempts := 3, priority := 2,"
                + " sign_with := 'hook', keep_failed := false");
        create("'get', 'shop.orders', '{insert}', $$'" + URL + "?id=' || new.id$$, method := 'GET'");
        database.run("insert into shop.orders values (7, 'new', 1, 'hidden')");
        assertThat(
                        database.rows(
                                "select method, headers ->> 'X-Kind', timeout_milliseconds, max_attempts, priority,"
                                        + " sign_with, keep_failed, body is null, url from net.http_request_queue order by method desc"))
                .containsExactly(
                        List.of("PUT", "order", "700", "3", "2", "hook", "f", "f", URL),
                        java.util.Arrays.asList("GET", null, "5000", "10", "0", null, "t", "t", URL + "?id=7"));
        assertThat(database.one("select convert_from(body, 'UTF8') from net.http_request_queue where method = 'PUT'"))
                .doesNotContain("hidden")
                .doesNotContain("extra");
    }

    @Test
    void cloudEventsAreWhatTheirStandardSays() {
        create("'structured', 'shop.orders', '{insert}', '" + URL + "', format := 'cloudevents'");
        create("'binary', 'shop.orders', '{insert}', '" + URL + "', format := 'cloudevents-binary'");
        database.run("insert into shop.orders values (1, 'new')");
        List<List<String>> rows = database.rows(
                "select headers::text, convert_from(body, 'UTF8') from net.http_request_queue order by headers ? 'ce-id'");
        var structured = json(rows.get(0).get(1));
        assertThat(json(rows.get(0).get(0)).get("Content-Type").asString()).isEqualTo("application/cloudevents+json");
        assertThat(structured.get("specversion").asString()).isEqualTo("1.0");
        assertThat(structured.get("type").asString()).isEqualTo("io.pgnetty.insert");
        assertThat(structured.get("source").asString())
                .isEqualTo("/" + database.url().database() + "/shop/orders");
        // In a header percent signs are encoded themselves (HTTP protocol binding, 3.1.3.2).
        database.run("create table shop.\"a b\" (id int)");
        create("'blank', 'shop.\"a b\"', '{insert}', '" + URL + "', format := 'cloudevents-binary'");
        database.run("insert into shop.\"a b\" values (1)");
        assertThat(database.one("select headers ->> 'ce-source' from net.http_request_queue order by id desc"))
                .endsWith("/shop/a%2520b");
        assertThat(structured.get("id").asString()).hasSize(36);
        assertThat(structured.get("time").asString()).matches("\\d{4}-\\d\\d-\\d\\dT.*(Z|[+-]\\d\\d:\\d\\d)");
        assertThat(structured.at("/data/record/status").asString()).isEqualTo("new");

        var headers = json(rows.get(1).get(0));
        assertThat(headers.get("ce-specversion").asString()).isEqualTo("1.0");
        assertThat(headers.get("ce-type").asString()).isEqualTo("io.pgnetty.insert");
        assertThat(headers.get("ce-id").asString())
                .hasSize(36)
                .isNotEqualTo(structured.get("id").asString());
        assertThat(headers.get("Content-Type").asString()).isEqualTo("application/json");
        assertThat(json(rows.get(1).get(1)).at("/record/status").asString()).isEqualTo("new");
    }

    @Test
    void aPayloadFunctionDecidesWhatIsSent() {
        database.run(
                "create function shop.short(event jsonb) returns jsonb language sql immutable as"
                        + " $$ select case when event #>> '{record,status}' <> 'draft' then jsonb_build_object('order', event #> '{record,id}') end $$");
        create("'short', 'shop.orders', '{insert}', '" + URL + "', payload := 'shop.short(jsonb)'");
        database.run("insert into shop.orders values (1, 'draft'), (2, 'new')");
        assertThat(bodies(database)).extracting(Object::toString).containsExactly("{\"order\":2}");
    }

    /** In replica mode it is what another server did already, unless that is asked for. */
    @Test
    void replicatedChangesAreSentWhereAsked() {
        create("'here', 'shop.orders', '{insert}', '" + URL + "/here'");
        create("'always', 'shop.orders', '{insert}', '" + URL + "/always', in_replica := true");
        database.run("set session_replication_role = replica; insert into shop.orders values (1)");
        assertThat(urls(database)).containsExactly(URL + "/always");
        database.run("select net.disable_webhook('always'); select net.enable_webhook('always');"
                + "set session_replication_role = replica; insert into shop.orders values (2)");
        assertThat(urls(database)).hasSize(2);
    }

    @Test
    void itIsSwitchedOffAndOnAndDropped() {
        create("'orders', 'shop.orders', '{insert,delete}', '" + URL + "', condition := 'true'");
        assertThat(database.rows("select name, \"table\", events, url, method, enabled, condition, format, runs_as"
                        + " from net.webhooks"))
                .containsExactly(List.of(
                        "orders", "shop.orders", "{insert,delete}", URL, "POST", "t", "true", "row", "postgres"));
        database.run("select net.disable_webhook('orders'); insert into shop.orders values (1)");
        assertThat(urls(database)).isEmpty();
        assertThat(database.one("select enabled from net.webhooks")).isEqualTo("f");
        database.run("select net.enable_webhook('orders'); insert into shop.orders values (2)");
        assertThat(urls(database)).hasSize(1);
        database.run("select net.drop_webhook('orders'); insert into shop.orders values (3)");
        assertThat(urls(database)).hasSize(1);
        assertThat(database.one("select count(*) from pg_proc where proname like 'pgnetty%'"))
                .isEqualTo("0");
        assertThatThrownBy(() -> database.run("select net.drop_webhook('orders')"))
                .hasMessageContaining("there is no webhook \"orders\" of yours");
    }

    @Test
    void aTableMayBeRenamedMovedAndDropped() {
        create("'orders', 'shop.orders', '{insert,delete}', '" + URL + "'");
        database.run("alter table shop.orders rename to sales; alter table shop.sales set schema public;"
                + "insert into public.sales values (1)");
        assertThat(bodies(database).get(0).get("table").asString()).isEqualTo("sales");
        assertThat(database.one("select \"table\" from net.webhooks")).isEqualTo("sales");
        database.run("drop table public.sales; create table shop.orders (id int)");
        assertThat(database.rows("select * from net.webhooks")).isEmpty();
        // What is left of it is its function, which goes with the next of that name.
        create("'orders', 'shop.orders', '{insert}', '" + URL + "'");
    }

    @Test
    void aColumnThatIsGoneIsSaidByName() {
        create("'tenant', 'shop.orders', '{insert,update}', 'new.note', columns := '{total}'");
        database.run(
                "alter table shop.orders drop column status; insert into shop.orders values (1, 1, 'https://a.example/')");
        assertThatThrownBy(() -> database.run("alter table shop.orders drop column total"))
                .hasMessageContaining("pgnetty_tenant_update");
        database.run("alter table shop.orders drop column note");
        assertThatThrownBy(() -> database.run("insert into shop.orders values (2, 1)"))
                .hasMessageContaining("the URL of webhook \"tenant\": record \"new\" has no field \"note\"")
                .hasMessageContaining("net.drop_webhook");
    }

    /** Under its new name it would be sent. */
    @Test
    void aColumnThatIsLeftOutKeepsItsName() {
        create("'orders', 'shop.orders', '{insert,delete}', '" + URL + "', exclude_columns := '{note}'");
        database.run("insert into shop.orders values (1, 'new', 1, 'hunter2'); delete from shop.orders;"
                + " alter table shop.orders rename column note to remark");
        assertThat(bodies(database).toString()).doesNotContain("hunter2");
        assertThatThrownBy(() -> database.run("insert into shop.orders values (2, 'new', 1, 'hunter2')"))
                .hasMessageContaining("webhook \"orders\" does not fit this table");
    }

    /** What pg_dump writes and psql reads. */
    @Test
    void itsTriggersSurviveADump() {
        database.run("alter table shop.orders add column old int, add column \"new\" json");
        create("'all', 'shop.orders', '{update}', '" + URL + "/all'");
        create("'some', 'shop.orders', '{update}', '" + URL
                + "/some', columns := '{total}', condition := 'new.id > 0'");
        create("'json', 'shop.orders', '{update}', '" + URL + "/json', columns := '{extra,note}'");
        for (List<String> trigger : database.rows(
                "select tgname, pg_get_triggerdef(oid) from pg_trigger" + " where tgrelid = 'shop.orders'::regclass")) {
            database.run("set search_path = ''; drop trigger " + trigger.get(0) + " on shop.orders; " + trigger.get(1));
        }
        database.run("insert into shop.orders values (1, 'new', 1, 'n', '{}'); update shop.orders set total = 2;"
                + " update shop.orders set extra = '[]'; update shop.orders set status = 'x'");
        assertThat(urls(database))
                .containsExactlyInAnyOrder(URL + "/all", URL + "/some", URL + "/all", URL + "/json", URL + "/all");
    }

    /** What a writer has set changes nothing. */
    @Test
    void theBodyIsTheSameWhoeverWrites() {
        database.run("create table shop.odd (f float8, b bytea, i interval, t timestamptz, d daterange)");
        create("'odd', 'shop.odd', '{insert}', $$'https://a.example/' || replace('a\\b', '\\', '-')$$");
        String insert =
                "insert into shop.odd values (0.1234567890123456, '\\x00ff', '1 day', '2026-01-02 03:04:05+00', '[2026-01-02,2026-03-04)')";
        database.run(insert);
        database.run("set extra_float_digits = -14; set bytea_output = escape; set intervalstyle = iso_8601;"
                + " set timezone = 'Asia/Kathmandu'; set datestyle = 'iso, dmy'; set quote_all_identifiers = on;"
                + insert);
        database.run("set standard_conforming_strings = off; set backslash_quote = on; set escape_string_warning = off;"
                + insert.replace("'\\x", "E'\\\\x"));
        assertThat(urls(database)).hasSize(3).containsOnly("https://a.example/a-b");
        assertThat(Set.copyOf(bodies(database).stream().map(Object::toString).toList()))
                .singleElement()
                .asString()
                .contains("0.1234567890123456");
    }

    /** A value that jsonb cannot hold is JSON all the same. */
    @Test
    void oddJsonIsSentAsItIs() {
        create("'orders', 'shop.orders', '{insert,delete}', '" + URL + "'");
        database.run(
                "insert into shop.orders values (1, 'new', 1, null, '{\"n\": \"\\u0000\", \"big\": 1e200000}'); delete from shop.orders");
        assertThat(database.rows("select convert_from(body, 'UTF8') like '%1e200000%' from net.http_request_queue"))
                .containsExactly(List.of("t"), List.of("t"));
    }

    @Test
    void namesWithQuotesArePlainInTheBody() {
        database.run("create schema \"Sh Op\"; create table \"Sh Op\".\"P T\" (id int) partition by list (id);"
                + "create table \"Sh Op\".part partition of \"Sh Op\".\"P T\" for values in (1)");
        create("'odd', '\"Sh Op\".\"P T\"', '{insert,truncate}', '" + URL + "', format := 'cloudevents'");
        database.run("insert into \"Sh Op\".\"P T\" values (1); truncate \"Sh Op\".\"P T\"");
        assertThat(bodies(database))
                .extracting(body -> body.at("/data/schema").asString() + " "
                        + body.at("/data/table").asString() + " "
                        + body.get("source").asString())
                .containsOnly("Sh Op P T /" + database.url().database() + "/Sh%20Op/P%20T");
    }

    @Test
    void whatIsWrongIsSaidWhenItIsMade() {
        database.run(
                "create temporary table t (id int); create view shop.v as select 1 as id;"
                        + "create table shop.hook (url text); create table shop.odd (url text, active int);"
                        + "create table shop.parts (id int) partition by list (id);"
                        + "create table shop.part partition of shop.parts for values in (1); create table shop.child () inherits (shop.odd)");
        for (List<String> wrong : List.of(
                List.of("'', 'shop.orders', '{insert}', '" + URL + "'", "name must have 1 to 40"),
                List.of("'a''b', 'shop.orders', '{insert}', '" + URL + "'", "name must have 1 to 40"),
                List.of("null, 'shop.orders', '{insert}', '" + URL + "'", "name must have 1 to 40"),
                List.of("'a', null, '{insert}', '" + URL + "'", "there is no such table"),
                List.of("'a', 'shop.v', '{insert}', '" + URL + "'", "is not a table"),
                List.of("'a', 'net.http_request_queue', '{insert}', '" + URL + "'", "would answer itself"),
                List.of("'a', 'shop.orders', '{}', '" + URL + "'", "events must be some of"),
                List.of("'a', 'shop.orders', '{insert,select}', '" + URL + "'", "events must be some of"),
                List.of("'a', 'shop.orders', null, '" + URL + "'", "events must be some of"),
                List.of("'a', 'shop.orders', '{insert}', null", "either a url"),
                List.of(
                        "'a', 'shop.orders', '{insert}', '" + URL + "', endpoints := 'shop.orders'",
                        "has no column url"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', endpoints := 'shop.hook'", "either a url"),
                List.of(
                        "'a', 'shop.orders', '{insert}', endpoints := 'shop.hook', endpoint_condition := '1'",
                        "boolean"),
                List.of("'a', 'shop.orders', '{insert}', endpoints := 'shop.hook', endpoint_condition := 'x.y'", "x"),
                List.of("'a', 'shop.orders', '{insert}', endpoints := 'shop.odd'", "must be of type boolean"),
                List.of("'a', 'shop.orders', '{insert}', $$(select pg_temp.f())$$", "must not name pg_temp"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', condition := ''", "condition must be"),
                List.of("'a', 'shop.orders', '{insert}', endpoints := 't'", "temporary"),
                List.of("'a', 'shop.orders', '{insert}', $$(select t.url from t)$$", "temporary"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', mode := 'bulk'", "mode must be"),
                List.of(
                        "'a', 'shop.orders', '{insert}', '" + URL + "', mode := 'statement', batch := 0",
                        "batch must be"),
                List.of(
                        "'a', 'shop.orders', '{truncate}', '" + URL + "', mode := 'statement'",
                        "no rows of a truncate"),
                List.of(
                        "'a', 'shop.orders', '{update}', '" + URL + "', mode := 'statement', columns := '{id}'",
                        "all columns"),
                List.of(
                        "'a', 'shop.orders', '{update}', '" + URL + "', mode := 'statement', condition := 'true'",
                        "one row"),
                List.of("'a', 'shop.orders', '{insert}', 'new.note', mode := 'statement'", "one URL"),
                List.of("'a', 'shop.parts', '{insert}', '" + URL + "', mode := 'statement'", "partitioned table"),
                List.of("'a', 'shop.part', '{insert}', '" + URL + "', mode := 'statement'", "partitioned table"),
                List.of("'a', 'shop.child', '{insert}', '" + URL + "', mode := 'statement'", "inherits"),
                List.of(
                        "'a', 'shop.orders', '{insert}', '" + URL + "', mode := 'statement', condition := 'new.x'",
                        "x"),
                List.of("'a', 'shop.orders', '{insert}', 'https://'", "url"),
                List.of("'a', 'shop.orders', '{insert}', 'htp://x'", "or be an expression over new"),
                List.of("'a', 'shop.orders', '{insert}', 'new.nothing'", "column new.nothing does not exist"),
                List.of("'a', 'shop.orders', '{truncate}', 'new.note'", "a truncate has no row"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', method := 'A B'", "method must be"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', headers := '[]'", "headers"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', timeout_milliseconds := 0", "timeout"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', max_attempts := 0", "max_attempts"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', sign_with := 'a b'", "sign_with"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', format := 'xml'", "format must be"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', columns := '{id}'", "leave it null"),
                List.of("'a', 'shop.orders', '{update}', '" + URL + "', columns := '{x}'", "has no column \"x\""),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', exclude_columns := '{x}'", "has no column"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', payload := 'lower(text)'", "one jsonb"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', condition := 'old.id = 1'", "OLD"),
                List.of("'a', 'shop.orders', '{insert}', '" + URL + "', condition := 'new.x = 1'", "new.x"))) {
            assertThatThrownBy(() -> database.run(
                            "create temporary table t (url text);" + "select net.create_webhook(" + wrong.get(0) + ")"))
                    .as(wrong.get(0))
                    .hasMessageContaining(wrong.get(1));
        }
        assertThat(database.rows("select * from net.webhooks")).isEmpty();
        assertThat(database.one("select count(*) from net.http_request_queue")).isEqualTo("0");
        create("'a', 'shop.orders', '{insert}', '" + URL + "'");
        assertThatThrownBy(() -> create("'a', 'shop.orders', '{insert}', '" + URL + "'"))
                .hasMessageContaining("there is a webhook \"a\" already");
    }
}
