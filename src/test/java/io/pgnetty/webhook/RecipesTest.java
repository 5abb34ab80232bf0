package io.pgnetty.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** docs/recipes.md, as it is printed. */
class RecipesTest {

    private static final Pattern BLOCK = Pattern.compile("(?s)```sql\n(.*?)```");

    private final TestDatabase database = TestPostgres.shared().installed();
    private final Target target = new Target();

    @TempDir
    Path secrets;

    private TestBridge bridge;

    @BeforeEach
    void begin() throws IOException {
        Files.writeString(secrets.resolve("chat"), "xoxb-1");
        Files.writeString(secrets.resolve("apns"), "ey.J.1");
        answer("/v1/chat/completions", "{\"choices\": [{\"message\": {\"content\": \"It scatters.\"}}]}", Map.of());
        answer(
                "/items/1",
                "[{\"id\": 1}, {\"id\": 2}]",
                Map.of("Link", "<" + target.url("/items/2") + ">; rel=\"next\""));
        answer("/items/2", "[{\"id\": 3}]", Map.of("Link", "<" + target.url("/items/1") + ">; rel=\"prev\""));
        bridge = TestBridge.start(database, Map.of(Setting.SECRETS_DIR, secrets.toString()));
    }

    private void answer(String path, String body, Map<String, String> headers) {
        target.respond(path, 200, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    @AfterEach
    void end() throws IOException {
        bridge.close();
        target.close();
    }

    @Test
    void eachBlockDoesWhatThePageSays() throws IOException, SQLException {
        List<String> blocks = BLOCK.matcher(Files.readString(Path.of("docs", "recipes.md")))
                .results()
                .map((MatchResult match) -> match.group(1)
                        .replace("https://api.example.com", target.url(""))
                        .replace(
                                "'api.example.com', array[current_user]::name[])",
                                "'127.0.0.1', array[current_user]::name[], plain_http => true)"))
                .toList();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                Connection listener = database.connect();
                Statement listen = listener.createStatement()) {
            listen.execute("listen http_response");
            for (String block : blocks) {
                if (block.contains("max(id) from net._http_response")) {
                    awaitResponses(1);
                    assertThat(TestDatabase.rows(statement, block))
                            .containsExactly(List.of("200", "{\"hello\": \"world\"}"));
                } else if (block.startsWith("select app.receive")) {
                    assertThat(TestDatabase.rows(statement, block)).containsExactly(List.of("t", "f"));
                } else if (block.contains("as same")) {
                    assertThat(TestDatabase.rows(statement, block)).containsExactly(List.of("t"));
                } else if (block.startsWith("update app.question")) {
                    Awaitility.await()
                            .until(() -> database.one(
                                            "select count(*) from net._http_response r join app.question q on q.request_id = r.id")
                                    .equals("1"));
                    statement.execute(block);
                } else {
                    statement.execute(block);
                }
            }
            PGNotification[] notifications = listener.unwrap(PGConnection.class).getNotifications(20_000);
            assertThat(notifications).isNotEmpty();
            assertThat(database.rows("select 1 from net._http_response where id = " + notifications[0].getParameter()))
                    .hasSize(1);
            try (ResultSet balance = statement.executeQuery("select balance from app.account")) {
                assertThat(balance.next()).isTrue();
                assertThat(balance.getLong(1)).isEqualTo(90);
            }
        }
        assertThat(database.one("select answer from app.question")).isEqualTo("It scatters.");
        assertThat(database.rows("select id from app.item order by 1"))
                .containsExactly(List.of("1"), List.of("2"), List.of("3"));
        Awaitility.await().until(() -> bodies("/outbox").size() == 3);
        assertThat(bodies("/outbox")).containsExactlyInAnyOrder("{\"n\": 2}", "{\"n\": 3}", "{\"n\": 4}");
        assertThat(bodies("/chat.postMessage"))
                .containsExactly("{\"text\": \"order 7 is paid\", \"channel\": \"#orders\"}");
        assertThat(target.requests().stream()
                        .filter(request -> request.uri().equals("/chat.postMessage"))
                        .map(request -> request.header("authorization")))
                .containsExactly("Bearer xoxb-1");
        assertThat(bodies("/pay")).hasSize(1);
        assertThat(target.requests().stream()
                        .filter(request -> request.uri().startsWith("/3/device/"))
                        .map(request -> request.header("authorization") + " " + request.header("apns-topic")))
                .containsExactly("bearer ey.J.1 com.example.shop");
    }

    /** PostgREST logs in as a role that may nothing, and sets that of the request for one transaction; so do these statements, as it sends them. */
    @Test
    void whatPostgrestCallsIsItsRolesOwn() throws IOException, SQLException {
        String invite = BLOCK.matcher(Files.readString(Path.of("docs", "recipes.md")))
                .results()
                .map(match -> match.group(1))
                .filter(block -> block.contains("app.invite"))
                .findFirst()
                .orElseThrow()
                .replace("https://api.example.com", target.url(""));
        database.run("do $$ begin create role authenticated nologin; exception when duplicate_object then null; end $$;"
                + "do $$ begin create role authenticator noinherit login password 'authenticator';"
                + " exception when duplicate_object then null; end $$;"
                + "grant authenticated to authenticator; create schema app; grant usage on schema app to authenticated;"
                + invite);
        TestPostgres.install(database, "authenticated");
        try (Connection connection = database.as("authenticator").connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(
                    "select set_config('search_path', 'app, public', true), set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{\"role\":\"authenticated\"}', true),"
                            + " set_config('request.method', 'POST', true), set_config('request.path', '/rpc/invite', true)");
            String id = TestDatabase.rows(
                            statement,
                            "with pgrst_source as (select pgrst_call.pgrst_scalar from (select '{\"email\": \"a@b.c\"}'::json as json_data)"
                                    + " pgrst_payload, lateral (select email from json_to_record(pgrst_payload.json_data) as _(email text) limit 1)"
                                    + " pgrst_body, lateral (select app.invite(email := pgrst_body.email) pgrst_scalar) pgrst_call)"
                                    + " select pgrst_scalar from pgrst_source")
                    .get(0)
                    .get(0);
            connection.commit();
            awaitResponses(1);
            statement.execute("set local role authenticated");
            assertThat(TestDatabase.rows(statement, "select id from net._http_response"))
                    .containsExactly(List.of(id));
        }
        assertThat(bodies("/invite")).containsExactly("{\"email\": \"a@b.c\"}");
    }

    private void awaitResponses(int count) {
        Awaitility.await()
                .until(() -> Integer.parseInt(database.one("select count(*) from net._http_response")) >= count);
    }

    private List<String> bodies(String path) {
        return target.requests().stream()
                .filter(request -> request.uri().equals(path))
                .map(Target.Request::text)
                .toList();
    }
}
