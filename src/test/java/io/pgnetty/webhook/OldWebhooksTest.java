package io.pgnetty.webhook;

import static io.pgnetty.webhook.Webhooks.bodies;
import static io.pgnetty.webhook.Webhooks.urls;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The function of a webhook stays as it was made when schema net is upgraded: what it calls must stay, too. */
class OldWebhooksTest {

    private final TestDatabase database = TestPostgres.shared().installed();

    @Test
    void whatAnEarlierVersionMadeStillSends() throws IOException {
        database.run("create schema shop; create table shop.item (id int, note text);"
                + "create table shop.hook (url text, headers jsonb, sign_with text, active boolean, events text[]);"
                + "insert into shop.hook values ('https://a.example/hook', '{\"x-a\": \"1\"}', null, true, null),"
                + " ('https://a b.example/', null, null, true, null);"
                + "create function shop.same(event jsonb) returns jsonb language sql immutable as 'select event'");
        database.run(Files.readString(Path.of("src", "test", "resources", "webhook", "functions-0.1.0.sql")));
        database.run("insert into shop.item values (1, 'cafe')");
        assertThat(urls(database))
                .containsExactlyInAnyOrder(
                        "https://a.example/plain",
                        "https://a.example/cafe",
                        "https://a.example/hook",
                        "https://a.example/bulk");
        assertThat(bodies(database).toString()).contains("\"note\":\"cafe\"");
        assertThat(database.rows("select distinct jsonb_typeof(headers) from net.http_request_queue"))
                .containsExactly(List.of("object"));
    }

    @Test
    void whatHasKeysStillDoes() throws IOException {
        database.run("create schema shop; create table shop.item (id int, note text);"
                + "create table shop.hook (url text, headers jsonb, sign_with text, active boolean, events text[]);"
                + "insert into shop.hook values ('https://a.example/1', null, null, true, '{insert}'),"
                + " ('https://a.example/2', '{\"x-a\": \"1\"}', null, true, null)");
        database.run(Files.readString(Path.of("src", "test", "resources", "webhook", "functions-0.1.0-keys.sql")));
        database.run("insert into shop.item values (7, 'cafe')");
        assertThat(database.rows("select url, webhook, webhook_table::text, on_dead, notify_channel, keep_sent::text,"
                        + " state, convert_from(body, 'utf8')::json -> 'record' ->> 'note'"
                        + " from net.http_request_queue order by webhook, url"))
                .containsExactly(
                        Arrays.asList(
                                "https://a.example/1", "each", "shop.item", null, null, "01:00:00", "ordered", "cafe"),
                        Arrays.asList(
                                "https://a.example/2", "each", "shop.item", null, null, "01:00:00", "ordered", "cafe"),
                        Arrays.asList(
                                "http://a.example/keyed",
                                "keyed",
                                "shop.item",
                                "halt",
                                "answers",
                                "01:00:00",
                                "ordered",
                                "cafe"));
        // Each endpoint has an order of its own.
        assertThat(database.rows("select count(distinct ordering_key) from net.http_request_queue"))
                .containsExactly(List.of("3"));
        assertThat(database.rows("select name from net.webhooks order by name").toString())
                .contains("each", "keyed");
    }
}
