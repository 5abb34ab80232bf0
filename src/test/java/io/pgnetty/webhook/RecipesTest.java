package io.pgnetty.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.junit.Answer;
import io.pgnetty.junit.PgnettyExtension;
import io.pgnetty.junit.Received;
import io.pgnetty.junit.RecordingTarget;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** docs/recipes.md, as it is printed. */
class RecipesTest {

    private static final Pattern BLOCK = Pattern.compile("(?s)```sql\n(.*?)```");

    @TempDir
    static Path secrets;

    @RegisterExtension
    static final PgnettyExtension PGNETTY = PgnettyExtension.embedded().with("secrets-dir", () -> secrets.toString());

    private RecordingTarget target;
    private TestDatabase database;

    @BeforeEach
    void begin() throws IOException {
        target = PGNETTY.target();
        database = new TestDatabase(DatabaseUrl.parse(PGNETTY.url(), Map.of()));
        database.run("drop schema if exists app cascade");
        Files.writeString(secrets.resolve("chat"), "xoxb-1");
        Files.writeString(secrets.resolve("apns"), "ey.J.1");
        target.answer(
                "/v1/chat/completions",
                Answer.of(200, "{\"choices\": [{\"message\": {\"content\": \"It scatters.\"}}]}"));
        target.answer("/echo", request -> Answer.of(200, request.body()));
        target.answer("/items/1", page("[{\"id\": 1}, {\"id\": 2}]", "/items/2", "next"));
        target.answer("/items/2", page("[{\"id\": 3}]", "/items/1", "prev"));
    }

    private Answer page(String items, String other, String relation) {
        return Answer.of(200, items).withHeader("Link", "<" + target.url(other) + ">; rel=\"" + relation + "\"");
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
        assertThat(target.received().stream()
                        .filter(request -> request.path().equals("/chat.postMessage"))
                        .map(request -> request.header("authorization").orElseThrow()))
                .containsExactly("Bearer xoxb-1");
        assertThat(bodies("/pay")).hasSize(1);
        assertThat(target.received().stream()
                        .filter(request -> request.path().startsWith("/3/device/"))
                        .map(request -> request.header("authorization").orElseThrow() + " "
                                + request.header("apns-topic").orElseThrow()))
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
        return target.received().stream()
                .filter(request -> request.path().equals(path))
                .map(Received::body)
                .toList();
    }
}
