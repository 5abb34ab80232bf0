package io.pgnetty.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What the page reads and orders, as a program asks for it. */
class ApiTest {

    private static final String TOKEN = "0123456789abcdef-of-a-test-0123456789";

    @TempDir
    Path folder;

    private final TestDatabase database = TestPostgres.shared().installed();
    private final Target target = new Target();

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    private TestBridge guarded() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), TOKEN);
        return TestBridge.start(database, Map.of(Setting.ADMIN_TOKEN_FILE, token.toString()));
    }

    @Test
    void withoutATokenNothingThatIsSaidIsShownAndNothingIsChanged() throws Exception {
        try (TestBridge bridge = TestBridge.start(database)) {
            PageClient client = new PageClient(bridge, "");
            database.run("select net.pause('paused.example')");
            database.run("select net.http_get('http://paused.example/path?secret=word')");
            database.run("select net.http_request('GET', 'http://127.0.0.1:1/other?secret=word', keep_failed := true)");
            Awaitility.await()
                    .until(() ->
                            database.one("select count(*) from net.dead_letter").equals("1"));
            assertThat(client.json("/api/access").get("may_order").asBoolean()).isFalse();
            for (String list : List.of("waiting", "dead", "failed", "answered")) {
                assertThat(client.get("/api/requests?list=" + list + "&search=").body())
                        .as(list)
                        .contains("\"id\"")
                        .doesNotContain("word")
                        .doesNotContain("path")
                        .doesNotContain("Refused");
                // Nor can it be guessed by what a search finds.
                assertThat(client.get("/api/requests?list=" + list + "&search=word")
                                .body())
                        .as(list)
                        .isEqualTo("[]");
            }
            assertThat(client.get("/api/requests/1").statusCode()).isEqualTo(403);
            for (String order : List.of(
                    "/api/requests/1/cancel", "/api/requests/2/redeliver", "/api/pause?host=*", "/api/resume?host=*")) {
                assertThat(client.send("POST", order).statusCode()).as(order).isEqualTo(403);
                assertThat(client.send("POST", order).body()).contains("--admin-token-file");
            }
            assertThat(database.one("select count(*) from net.dead_letter")).isEqualTo("1");
            assertThat(database.one("select string_agg(host_pattern, ' ') from net.paused"))
                    .isEqualTo("paused.example");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/access, 401",
        "GET, /api/requests?list=waiting, 401",
        "GET, /api/requests/1, 401",
        "GET, /api/events, 401",
        "POST, /api/pause?host=*, 401",
        "GET, /, 200",
        "GET, /assets/page.js, 200",
        "GET, /assets/../api/access, 401",
        "GET, /assets/none.js, 401",
    })
    void whereThereIsATokenThePageIsEmptyWithoutIt(String method, String path, int status) throws Exception {
        try (TestBridge bridge = guarded()) {
            assertThat(new PageClient(bridge, "").send(method, path).statusCode())
                    .isEqualTo(status);
        }
    }

    @Test
    void wrongQuestionsAreSaid() throws Exception {
        try (TestBridge bridge = guarded()) {
            PageClient client = new PageClient(bridge, TOKEN);
            assertThat(client.get("/api/nothing").statusCode()).isEqualTo(404);
            assertThat(client.get("/api/requests?list=all").statusCode()).isEqualTo(400);
            assertThat(client.get("/api/requests").statusCode()).isEqualTo(400);
            assertThat(client.get("/api/requests?list=dead&search=" + "a".repeat(201))
                            .statusCode())
                    .isEqualTo(400);
            assertThat(client.get("/api/pause?host=*").statusCode()).isEqualTo(405);
            assertThat(client.send("POST", "/api/requests/1").statusCode()).isEqualTo(405);
            assertThat(client.send("DELETE", "/api/requests/1").statusCode()).isEqualTo(405);
            assertThat(client.send("POST", "/").statusCode()).isEqualTo(405);
            // More digits than an id has.
            assertThat(client.get("/api/requests/1234567890123456789").statusCode())
                    .isEqualTo(404);
            for (String host : List.of("", "a b", "http://x/", "a\u0000b")) {
                assertThat(client.send("POST", "/api/pause?host=" + encode(host))
                                .statusCode())
                        .as(host)
                        .isEqualTo(400);
            }
            assertThat(client.send("POST", "/api/requests/77/cancel").body()).isEqualTo("{\"taken\":0}");
            assertThat(client.send("POST", "/api/requests/77/redeliver").body()).isEqualTo("{\"taken\":0}");
            assertThat(client.json("/api/requests/77").get("queued").size()).isZero();
            assertThat(bridge.bridge().health().whyNotReady()).isEmpty();
        }
    }

    /** Requests of two roles may have one id; lists show both, an order takes both and says so. */
    @Test
    void anIdMayBeOfSeveralRoles() throws Exception {
        database.run("create role " + database.url().database() + "_other");
        database.run(
                "insert into net.dead_letter (id, queued_by, method, url, headers, host, timeout_milliseconds, created, max_attempts,"
                        + " failures, idempotency_key, priority, fire_and_forget, keep_failed, error_msg)"
                        + " select 7, r::regrole, 'GET', 'http://127.0.0.1:1/' || n, '{}', 'x', 1000, now(), 1, 1, gen_random_uuid(), 0, false,"
                        + " true, 'why ' || n from (values ('postgres', 'a'), ('"
                        + database.url().database() + "_other', 'b')) v (r, n)");
        try (TestBridge bridge = guarded()) {
            PageClient client = new PageClient(bridge, TOKEN);
            assertThat(client.json("/api/requests?list=dead&search=7").findValuesAsString("error"))
                    .containsExactlyInAnyOrder("why a", "why b");
            assertThat(client.json("/api/requests/7").get("dead").size()).isEqualTo(2);
            assertThat(client.send("POST", "/api/requests/7/redeliver").body()).isEqualTo("{\"taken\":2}");
        }
    }

    @Test
    void longTextsAreCutInListsAndWholeInTheHistory() throws Exception {
        try (TestBridge bridge = guarded()) {
            PageClient client = new PageClient(bridge, TOKEN);
            database.run("select net.pause(); select net.http_get('http://x.example/' || repeat('a', 60000))");
            assertThat(client.json("/api/requests?list=waiting")
                            .get(0)
                            .get("url")
                            .asString())
                    .hasSize(500);
            assertThat(client.json("/api/requests/1")
                            .get("queued")
                            .get(0)
                            .get("url")
                            .asString())
                    .hasSizeGreaterThan(60_000);
        }
    }

    @Test
    void aSearchFindsWhatItSaysAndIsNoPattern() throws Exception {
        try (TestBridge bridge = guarded()) {
            PageClient client = new PageClient(bridge, TOKEN);
            database.run("select net.pause()");
            database.run("select net.http_get('http://one.example/a%25b'), net.http_get('http://two.example/c''d'),"
                    + " net.http_get('http://three.example/%C3%A4?q=_')");
            assertThat(found(client, "")).containsExactly(3L, 2L, 1L);
            assertThat(found(client, "ONE.example")).containsExactly(1L);
            assertThat(found(client, "HTTP://One")).containsExactly(1L);
            assertThat(found(client, "%25")).containsExactly(1L);
            assertThat(found(client, "%")).containsExactly(3L, 1L);
            assertThat(found(client, "_")).containsExactly(3L);
            assertThat(found(client, "'")).containsExactly(2L);
            assertThat(found(client, "2")).contains(2L);
            assertThat(found(client, "9999")).isEmpty();
            assertThat(found(client, "999999999999999999")).isEmpty();
            assertThat(found(client, "ä\\")).isEmpty();
            assertThat(client.get("/api/requests?list=waiting&search=%00").statusCode())
                    .isEqualTo(400);
            assertThat(bridge.bridge().health().whyNotReady()).isEmpty();
        }
    }

    /** What a role queued is in its history whole: its own, and not that of another role's request of the same content. */
    @Test
    void aHistoryIsThatOfOneRequest() throws Exception {
        try (TestBridge bridge = guarded()) {
            PageClient client = new PageClient(bridge, TOKEN);
            for (int i = 1; i <= 20; i++) {
                target.respond(
                        "/r" + i, 200, Map.of("X-Number", "n" + i), ("answer " + i).getBytes(StandardCharsets.UTF_8));
            }
            database.run("select net.http_get('" + target.url("/r")
                    + "' || i, headers := '{\"X-Api-Key\": \"hidden\"}')" + " from generate_series(1, 20) i");
            Awaitility.await()
                    .until(() -> database.one("select count(*) from net._http_response")
                            .equals("20"));
            for (int i = 1; i <= 20; i++) {
                JsonNode history = client.json("/api/requests/" + i);
                JsonNode response = history.get("responses").get(0);
                assertThat(response.get("content").asString()).isEqualTo("answer " + i);
                assertThat(response.get("headers").get("X-Number").asString()).isEqualTo("n" + i);
                assertThat(history.toString()).doesNotContain("hidden");
            }
        }
    }

    private static List<Long> found(PageClient client, String search) throws Exception {
        JsonNode rows = client.json("/api/requests?list=waiting&search=" + encode(search));
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> row.get("id").asLong())
                .toList();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
