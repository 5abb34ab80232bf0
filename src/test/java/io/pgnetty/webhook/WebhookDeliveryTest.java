package io.pgnetty.webhook;

import static io.pgnetty.webhook.Webhooks.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a webhook's requests: their order, what is kept of them, and how they are sent again. */
class WebhookDeliveryTest {

    private static final String ALICE = "delivery_alice";
    private static final String BOB = "delivery_bob";

    private final TestDatabase database = TestPostgres.shared().empty();
    private final Target target = new Target();
    private TestBridge bridge;

    @BeforeEach
    void begin() {
        for (String role : List.of(ALICE, BOB)) {
            database.run("do $$ begin create role " + role + " login password '" + role
                    + "'; exception when duplicate_object then null; end $$");
        }
        TestPostgres.install(database, ALICE, BOB);
        database.run("create schema shop; grant all on schema shop to " + ALICE + "; set role " + ALICE
                + "; create table shop.item (id bigint primary key, \"weird \"\" name\" text, note text)");
    }

    @AfterEach
    void end() throws IOException {
        if (bridge != null) {
            bridge.close();
        }
        target.close();
    }

    private TestDatabase alice() {
        return database.as(ALICE);
    }

    private void create(String arguments) {
        alice().run("select net.create_webhook(" + arguments + ")");
    }

    private void start() {
        bridge = TestBridge.start(database);
    }

    private void awaitEmpty() {
        Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(30))
                .until(() -> database.one("select count(*) from net.http_request_queue")
                        .equals("0"));
    }

    private List<String> events(String path, long id) {
        List<String> events = new ArrayList<>();
        for (Target.Request request : target.requests()) {
            var body = json(request.text());
            var row = body.get("type").asString().equals("DELETE") ? body.get("old_record") : body.get("record");
            if (request.uri().equals(path) && row.get("id").asLong() == id) {
                events.add(body.get("type").asString() + " " + row.get("note").asString());
            }
        }
        return events;
    }

    @Test
    void changesOfARowArriveInTheirOrder() {
        target.inTurn("/in", Map.of(), 503, 200, 503, 503, 200);
        create("'hook', 'shop.item', '{insert,update,delete}', '" + target.url("/in") + "', ordering_key := 'id'");
        create("'other', 'shop.item', '{insert,update,delete}', '" + target.url("/other") + "', ordering_key := 'id'");
        start();
        for (int id = 1; id <= 5; id++) {
            alice().run("insert into shop.item values (" + id + ", 'a', 'first " + id + "')");
            alice().run("update shop.item set note = 'second " + id + "' where id = " + id);
            alice().run("delete from shop.item where id = " + id);
        }
        awaitEmpty();
        for (int id = 1; id <= 5; id++) {
            // Failed ones come again before those behind them.
            List<String> in = events("/in", id);
            assertThat(in.stream().distinct())
                    .containsExactly("INSERT first " + id, "UPDATE second " + id, "DELETE second " + id);
            assertThat(in)
                    .isEqualTo(in.stream().sorted((a, b) -> place(a) - place(b)).toList());
            assertThat(events("/other", id))
                    .containsExactly("INSERT first " + id, "UPDATE second " + id, "DELETE second " + id);
        }
    }

    private static int place(String event) {
        return event.startsWith("INSERT") ? 0 : event.startsWith("UPDATE") ? 1 : 2;
    }

    @Test
    void aSlowEndpointHoldsUpNoOther() {
        alice().run("create table shop.endpoint (url text); insert into shop.endpoint values ('" + target.url("/fails")
                + "'), ('" + target.url("/works") + "')");
        target.inTurn("/fails", Map.of("Retry-After", "60"), 503);
        create("'hook', 'shop.item', '{insert,update}', endpoints := 'shop.endpoint', ordering_key := 'id'");
        start();
        alice().run("insert into shop.item values (1, 'a', 'first')");
        alice().run("update shop.item set note = 'second'");
        Awaitility.await().until(() -> events("/works", 1).size() == 2);
        assertThat(events("/fails", 1)).containsExactly("INSERT first");
        Awaitility.await()
                .until(() -> alice().one("select count(*) from net.my_requests where status = 'blocked'")
                        .equals("1"));
    }

    @Test
    void keysAreOfTheColumnsValue() {
        create("'hook', 'shop.item', '{insert,delete}', '" + target.url("/") + "', ordering_key := 'weird \" name',"
                + " on_dead := 'halt'");
        alice().run("insert into shop.item values (1, 'a', ''), (2, null, ''), (3, repeat('x', 600), '');"
                + "delete from shop.item where id = 1; alter table shop.item drop column note");
        alice().run("insert into shop.item values (4, 'b')");
        assertThat(database.rows("select left(ordering_key, 14), state from net.http_request_queue order by id"))
                .containsExactly(
                        List.of(key("a"), "ordered"),
                        java.util.Arrays.asList(null, "due"),
                        List.of(
                                database.one("select left(max(ordering_key), 14) from net.http_request_queue"
                                        + " where length(ordering_key) > 60"),
                                "ordered"),
                        List.of(key("a"), "ordered"),
                        List.of(key("b"), "ordered"));
    }

    private String key(String value) {
        String key = "hook." + database.one("select 'shop.item'::regclass::oid") + ":" + value;
        return key.substring(0, Math.min(key.length(), 14));
    }

    @Test
    void whatHasNoOneRowHasNoOrder() {
        assertThatThrownBy(() -> create("'hook', 'shop.item', '{truncate}', 'http://h/', ordering_key := 'id'"))
                .hasMessageContaining("a truncate has no row, and so no ordering_key");
        assertThatThrownBy(() -> create("'hook', 'shop.item', '{insert}', 'http://h/', ordering_key := 'nope'"))
                .hasMessageContaining("has no column \"nope\"");
        assertThatThrownBy(() -> create(
                        "'hook', 'shop.item', '{insert}', 'http://h/', ordering_key := 'id', mode := 'statement'"))
                .hasMessageContaining("many rows go in one request");
        assertThatThrownBy(() -> create("'hook', 'shop.item', '{insert}', 'http://h/', keep_sent := '-1 day'"))
                .hasMessageContaining("keep_sent must be from a second to a year");
    }

    @Test
    void aPartitionedTablesRequestsAreTheWholeTables() {
        alice().run("create table shop.part (id bigint) partition by list (id);"
                + "create table shop.part_1 partition of shop.part for values in (1)");
        create("'hook', 'shop.part', '{insert,delete}', '" + target.url("/") + "', ordering_key := 'id'");
        alice().run("insert into shop.part values (1); delete from shop.part_1");
        assertThat(database.rows("select distinct webhook, webhook_table, ordering_key from net.http_request_queue"))
                .containsExactly(List.of(
                        "hook", "shop.part", "hook." + database.one("select 'shop.part'::regclass::oid") + ":1"));
    }

    @Test
    void theViewHasCountsAndTheLastOutcome() {
        target.inTurn("/", Map.of(), 200, 200, 404, 200, 500);
        create("'hook', 'shop.item', '{insert}', '" + target.url("/") + "', max_attempts := 1, keep_failed := true,"
                + " ordering_key := '" + "note" + "'");
        start();
        for (int id = 1; id <= 5; id++) {
            alice().run("insert into shop.item values (" + id + ", 'a', 'one key')");
        }
        awaitEmpty();
        assertThat(alice().rows("select name, waiting, succeeded, failed, dead, last_status, last_error,"
                        + " last_at > now() - interval '1 minute' from net.webhooks"))
                .containsExactly(java.util.Arrays.asList("hook", "0", "4", "1", "1", "500", null, "t"));
        database.run("select net.pause()");
        alice().run("insert into shop.item values (6, 'a', 'b')");
        assertThat(alice().one("select waiting from net.webhooks")).isEqualTo("1");
        assertThat(database.as(BOB).rows("select from net.webhooks")).isEmpty();
    }

    @Test
    void whatIsKeptIsSentAgainWithItsKeyOrANewOne() {
        create("'hook', 'shop.item', '{insert}', '" + target.url("/")
                + "', keep_sent := '1 hour', ordering_key := 'note',"
                + " headers := '{\"Authorization\": \"Bearer s3cret\"}'");
        create("'unkept', 'shop.item', '{insert}', '" + target.url("/unkept") + "'");
        start();
        for (int id = 1; id <= 3; id++) {
            alice().run("insert into shop.item values (" + id + ", repeat('y', " + id + "000), 'one key')");
        }
        awaitEmpty();
        assertThat(
                        alice().rows(
                                        "select id, headers ->> 'Authorization', status_code, length(convert_from(body, 'UTF8')) > 1000,"
                                                + " webhook, until > now() + interval '50 minutes' from net.sent_request order by id"))
                .hasSize(3)
                .allSatisfy(row -> assertThat(row.subList(1, 6)).containsExactly("***", "200", "t", "hook", "t"));
        assertThat(database.as(BOB).rows("select from net.sent_request")).isEmpty();
        assertThatThrownBy(() -> alice().rows("select from net.sent_request_secret"))
                .hasMessageContaining("denied");
        List<Target.Request> first = hooked();

        assertThat(database.as(BOB).one("select net.replay('hook')")).isEqualTo("0");
        assertThat(alice().one("select net.replay('unkept')")).isEqualTo("0");
        assertThat(alice().one("select net.replay('hook', only_failed := true)"))
                .isEqualTo("0");
        assertThat(alice().one("select net.replay('hook', since := now() + interval '1 minute')"))
                .isEqualTo("0");
        assertThat(alice().one("select net.replay('hook', until := now() + interval '1 minute')"))
                .isEqualTo("3");
        awaitEmpty();
        assertSame(first, 3, true);
        assertThat(database.one("select count(distinct queued_by) from net._http_response"))
                .isEqualTo("1");
        // What was sent again is kept once.
        assertThat(alice().one("select count(*) from net.sent_request")).isEqualTo("3");
        // Somebody else's inventions are nobody's webhook.
        database.as(BOB)
                .run("insert into net.new_request (method, url, webhook, webhook_table, keep_sent) values ('POST', '"
                        + target.url("/unkept")
                        + "', 'hook', (select c.oid from pg_class c where c.relname = 'item'), '1 hour')");
        awaitEmpty();
        assertThat(database.one("select net.replay('hook', new_key := true)")).isEqualTo("3");
        assertThat(database.one("select succeeded from net.webhooks where name = 'hook'"))
                .isEqualTo("6");
        awaitEmpty();
        assertSame(first, 6, false);
    }

    private List<Target.Request> hooked() {
        return target.requests().stream()
                .filter(request -> !request.uri().equals("/unkept"))
                .toList();
    }

    private void assertSame(List<Target.Request> first, int from, boolean sameKey) {
        List<Target.Request> again = hooked().subList(from, from + 3);
        for (int i : IntStream.range(0, 3).toArray()) {
            assertThat(again.get(i).text()).isEqualTo(first.get(i).text());
            assertThat(again.get(i).header("authorization")).isEqualTo("Bearer s3cret");
            assertThat(again.get(i)
                            .header("idempotency-key")
                            .equals(first.get(i).header("idempotency-key")))
                    .isEqualTo(sameKey);
        }
    }

    @Test
    void deadLettersAreReplayedInTheirPlaces() {
        target.inTurn("/", Map.of(), 500, 200);
        create("'hook', 'shop.item', '{insert}', '" + target.url("/") + "', max_attempts := 1, keep_failed := true,"
                + " ordering_key := 'note', on_dead := 'halt', keep_sent := '1 hour'");
        start();
        for (int id = 1; id <= 3; id++) {
            alice().run("insert into shop.item values (" + id + ", '', 'one key')");
        }
        Awaitility.await()
                .until(() -> alice().one("select count(*) from net.dead_letter").equals("1"));
        Awaitility.await()
                .until(() -> alice().one("select count(*) from net.my_requests where status = 'blocked'")
                        .equals("2"));
        assertThat(alice().one("select net.replay('hook', now() - interval '1 hour', only_failed := true)"))
                .isEqualTo("1");
        awaitEmpty();
        assertThat(target.requests().stream()
                        .map(r -> json(r.text()).get("record").get("id").asInt()))
                .containsExactly(1, 1, 2, 3);
    }

    /** Behind what is on its way already, and before what came later: so the target ends with the newest. */
    @Test
    void whatIsReplayedComesBeforeWhatIsNewer() {
        create("'hook', 'shop.item', '{insert}', '" + target.url("/")
                + "', ordering_key := 'note', keep_sent := '1 hour'");
        start();
        for (int id = 1; id <= 3; id++) {
            alice().run("insert into shop.item values (" + id + ", '', 'one key')");
        }
        awaitEmpty();
        database.run("select net.pause()");
        alice().run("insert into shop.item values (4, '', 'one key')");
        Awaitility.await()
                .until(() ->
                        database.one("select state from net.http_request_queue").equals("due"));
        alice().run("insert into shop.item values (5, '', 'one key')");
        assertThat(alice().one("select net.replay('hook')")).isEqualTo("3");
        database.run("select net.resume()");
        awaitEmpty();
        assertThat(target.requests().stream()
                        .map(r -> json(r.text()).get("record").get("id").asInt()))
                .containsExactly(1, 2, 3, 4, 1, 2, 3, 5);
    }

    @Test
    void aNameOfTwoRolesIsNotReplayedAtOnce() {
        database.run("create schema other; grant all on schema other to " + BOB);
        TestDatabase bob = database.as(BOB);
        bob.run("create table other.item (id bigint)");
        create("'hook', 'shop.item', '{insert}', '" + target.url("/") + "', keep_sent := '1 hour'");
        bob.run("select net.create_webhook('hook', 'other.item', '{insert}', '" + target.url("/")
                + "', keep_sent := '1 hour')");
        start();
        alice().run("insert into shop.item values (1, '', 'a')");
        bob.run("insert into other.item values (1)");
        awaitEmpty();
        assertThatThrownBy(() -> database.one("select net.replay('hook')")).hasMessageContaining("say of which table");
        assertThat(database.one("select net.replay('hook', \"table\" := 'other.item')"))
                .isEqualTo("1");
        assertThat(alice().one("select net.replay('hook')")).isEqualTo("1");
    }

    @Test
    void whatIsKeptIsBounded() {
        bridge = TestBridge.start(database, Map.of(Setting.RESPONSE_TTL, "4s"));
        alice().run("select net.http_request('POST', '" + target.url("/") + "', body_text := repeat('x', 1048577),"
                + " keep_sent := '1 hour'), net.http_request('POST', '" + target.url("/") + "', body_text := 'short',"
                + " keep_sent := '1 hour'), net.http_request('POST', '" + target.url("/")
                + "', body_text := 'soon over',"
                + " keep_sent := '1 second')");
        awaitEmpty();
        Awaitility.await()
                .until(() -> alice().rows("select convert_from(body, 'UTF8') from net.sent_request")
                        .equals(List.of(List.of("short"))));
    }
}
