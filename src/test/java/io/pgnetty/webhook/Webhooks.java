package io.pgnetty.webhook;

import io.pgnetty.testing.TestDatabase;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What webhooks have queued, in order. */
final class Webhooks {

    private Webhooks() {}

    static List<String> urls(TestDatabase database) {
        return database.rows("select url from net.http_request_queue order by id").stream()
                .map(row -> row.get(0))
                .toList();
    }

    static List<JsonNode> bodies(TestDatabase database) {
        return database
                .rows("select coalesce(convert_from(body, 'UTF8'), 'null') from net.http_request_queue order by id")
                .stream()
                .map(row -> json(row.get(0)))
                .toList();
    }

    static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
