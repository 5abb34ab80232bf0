package io.pgnetty.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.pgnetty.testing.Target.Request;
import io.pgnetty.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What SQL says and what arrives. */
@ParameterizedClass
@MethodSource("io.pgnetty.contract.Backend#all")
class SendingContractTest extends Contract {

    @Test
    void getSendsParamsAndHeaders() {
        Result result = send("select net.http_get('" + target.url("/a?x=1#part") + "',"
                + " params := '{\"b\": \"c d&e\", \"list\": [1, true, null, \"z\"], \"none\": null}',"
                + " headers := '{\"X-One\": \"1\", \"X-Many\": [\"a\", 2, false], \"X-None\": null}')");

        assertThat(result.status()).isEqualTo("SUCCESS");
        Request request = target.only();
        assertThat(request.method()).isEqualTo("GET");
        assertThat(request.uri()).isEqualTo("/a?x=1&b=c%20d%26e&list=1&list=true&list=z");
        assertThat(request.headers().get("x-one")).containsExactly("1");
        assertThat(request.headers().get("x-many")).containsExactly("a", "2", "false");
        assertThat(request.headers()).doesNotContainKey("x-none");
        assertThat(request.header("user-agent")).isEqualTo("pgnetty/0-test");
        assertThat(request.header("idempotency-key")).matches("[0-9a-f-]{36}");
        assertThat(request.header("host")).isEqualTo("127.0.0.1:" + target.port());
    }

    @Test
    void callersOwnHeadersWin() {
        send(
                "select net.http_get('" + target.url("/")
                        + "', headers := '{\"user-agent\": \"mine\", \"idempotency-key\": \"k\", \"Host\": \"other.example\"}')");

        Request request = target.only();
        assertThat(request.headers().get("user-agent")).containsExactly("mine");
        assertThat(request.headers().get("idempotency-key")).containsExactly("k");
        assertThat(request.headers().get("host")).containsExactly("other.example");
    }

    /**
     * A value of type json is cast, as docs/sql-api.md says. A function for it beside the other would take away the calls that most people
     * make: PostgreSQL could not tell which of the two a literal is for.
     */
    @Test
    void jsonIsCastAsAnOverloadWouldMakeLiteralsAmbiguous() throws SQLException {
        send("select net.http_post('" + target.url("/") + "', body := '{\"a\":  1}'::json::jsonb)");
        assertThat(target.only().text()).isEqualTo("{\"a\": 1}");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("create function net.http_post(url text, body json, params jsonb default '{}',"
                    + " headers jsonb default '{}', timeout_milliseconds integer default 5000)"
                    + " returns bigint language sql return net.http_post(url, body::jsonb, params, headers)");
            assertThatThrownBy(() ->
                            statement.execute("select net.http_post('" + target.url("/") + "'::text, '{\"a\": 1}')"))
                    .hasMessageContaining("is not unique");
            connection.rollback();
        }
    }

    /** As people paste them from other tools. */
    @Test
    void headersOfAConnectionAreLeftOut() {
        String id = send("select net.http_post('" + target.url("/")
                        + "', body := '{}', headers := '{\"connection\": \"close\","
                        + " \"Content-Length\": 99, \"Expect\": \"100-continue\", \"Keep-Alive\": null, \"TE\": [\"trailers\"],"
                        + " \"Transfer-Encoding\": \"chunked\", \"Trailer\": \"x\", \"Upgrade\": {}, \"Proxy-Connection\": \"x\\r\\n\","
                        + " \"X-Kept\": \"yes\"}')")
                .id();
        Request request = target.only();
        assertThat(request.text()).isEqualTo("{}");
        assertThat(request.header("content-length")).isEqualTo("2");
        assertThat(request.header("x-kept")).isEqualTo("yes");
        assertThat(request.headers())
                .doesNotContainKeys(
                        "connection",
                        "expect",
                        "keep-alive",
                        "te",
                        "transfer-encoding",
                        "trailer",
                        "upgrade",
                        "proxy-connection");
        assertThat(id).isNotEmpty();
    }

    @Test
    void userAndPasswordOfAUrlBecomeAHeader() {
        String place = "127.0.0.1:" + target.port() + "/p@th?q=a@b";
        Map<String, String> pasted = Map.of(
                "user:pass", "user:pass",
                "user", "user:",
                "us%40er:p%3Ass%2F%zz%C3%A9", "us@er:p:ss/%zz\u00e9",
                "a@b:c@d", "a@b:c@d",
                ":p", ":p");
        pasted.forEach((written, meant) -> {
            send("select net.http_get('http://" + written + "@" + place + "')");
            Request request = target.requests().get(target.requests().size() - 1);
            assertThat(request.uri()).isEqualTo("/p@th?q=a@b");
            assertThat(request.header("authorization"))
                    .as(written)
                    .isEqualTo("Basic " + Base64.getEncoder().encodeToString(meant.getBytes(StandardCharsets.UTF_8)));
        });
        send("select net.http_get('http://a:b@" + place + "', headers := '{\"authorization\": \"Bearer x\"}')");
        assertThat(target.requests().get(pasted.size()).headers().get("authorization"))
                .containsExactly("Bearer x");
        send("select net.http_get('http://a:b@" + place + "', headers := '{\"authorization\": null}')");
        assertThat(target.requests().get(pasted.size() + 1).header("authorization"))
                .isEqualTo("Basic YTpi");
        send("select net.http_get('http://@" + place + "')");
        assertThat(target.requests().get(pasted.size() + 2).header("authorization"))
                .isNull();
    }

    @Test
    void noPasswordOfAUrlIsStored() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            String keyed = "select net.http_request('GET', 'http://%s127.0.0.1:1/', idempotency_key := 'k')";
            String id = TestDatabase.rows(statement, String.format(keyed, "user:hunter2@"))
                    .get(0)
                    .get(0);
            statement.execute("insert into net.http_request_queue (method, url, headers, timeout_milliseconds)"
                    + " values ('GET', 'https://user:hunter2@127.0.0.1:1/', '{}', 1000)");
            assertThat(TestDatabase.rows(
                            statement,
                            "select url, q::text like '%hunter2%' from net.http_request_queue q order by id"))
                    .containsExactly(List.of("http://127.0.0.1:1/", "f"), List.of("https://127.0.0.1:1/", "f"));
            // The same key, method and URL are the same request, whatever the password.
            assertThat(TestDatabase.rows(statement, String.format(keyed, ""))).containsExactly(List.of(id));
            connection.rollback();
        }
    }

    @Test
    void postSendsJson() {
        send("select net.http_post(url := '" + target.url("/p") + "', body := '{\"hello\": \"world\"}'::jsonb)");

        Request request = target.only();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.header("content-type")).isEqualTo("application/json");
        assertThat(request.text()).isEqualTo("{\"hello\": \"world\"}");
    }

    @Test
    void pgNetsPositionalCallsWork() {
        send("select net.http_post('" + target.url("/p") + "', '{\"a\": 1}', '{\"q\": 1}', '{\"X-A\": \"b\"}', 2000)");
        send("select net.http_get('" + target.url("/g") + "', '{\"q\": 1}', '{\"X-A\": \"b\"}', 2000)");
        send("select net.http_delete('" + target.url("/d")
                + "', '{\"q\": 1}', '{\"X-A\": \"b\"}', 2000, '{\"a\": 1}')");

        assertThat(target.requests())
                .extracting(Request::method, Request::uri, Request::text, request -> request.header("x-a"))
                .containsExactly(
                        tuple("POST", "/p?q=1", "{\"a\": 1}", "b"),
                        tuple("GET", "/g?q=1", "", "b"),
                        tuple("DELETE", "/d?q=1", "{\"a\": 1}", "b"));
        assertThat(target.requests().get(0).header("content-type")).isEqualTo("application/json");
        assertThat(target.requests().get(2).header("content-type")).isEqualTo("application/json");
    }

    @Test
    void nullBodySendsNone() {
        send("select net.http_post('" + target.url("/") + "', body := null)");

        assertThat(target.only().body()).isEmpty();
        assertThat(target.only().header("content-length")).isEqualTo("0");
    }

    @Test
    void anyMethodAndAnyBody() {
        send("select net.http_put('" + target.url("/1") + "', '[1]')");
        send("select net.http_patch('" + target.url("/2") + "', '[2]')");
        send("select net.http_request('PROPFIND', '" + target.url("/3") + "', body_text := '<x/>',"
                + " headers := '{\"Content-Type\": \"text/xml\"}')");
        send("select net.http_request('delete', '" + target.url("/4") + "', body_bytes := '\\x00ff10')");
        send("select net.http_request('GET', '" + target.url("/5") + "', body := '{}')");
        send("select net.http_request('HEAD', '" + target.url("/6") + "')");

        assertThat(target.requests())
                .extracting(Request::method)
                .containsExactly("PUT", "PATCH", "PROPFIND", "DELETE", "GET", "HEAD");
        assertThat(target.requests().get(2).text()).isEqualTo("<x/>");
        assertThat(target.requests().get(2).header("content-type")).startsWith("text/xml");
        assertThat(target.requests().get(3).body()).containsExactly(0x00, 0xff, 0x10);
        assertThat(target.requests().get(3).header("content-type")).isNull();
        assertThat(target.requests().get(4).text()).isEqualTo("{}");
        assertThat(target.requests().get(4).header("content-type")).isEqualTo("application/json");
    }

    @Test
    void jsonCarriesTheDatabasesEncoding() {
        String letters = backend == Backend.LATIN1 ? "h\u00e9llo" : "h\u00e9llo \u4e2d \ud83d\ude00";
        send("select net.http_post('" + target.url("/") + "', jsonb_build_object('x', '" + letters + "'::text))");

        String sent = target.only().text();
        if (backend == Backend.LATIN1) {
            assertThat(sent).isEqualTo("{\"x\": \"h\\u00e9llo\"}");
        } else {
            assertThat(sent).isEqualTo("{\"x\": \"" + letters + "\"}");
        }
    }

    @Test
    void textIsSentInTheDatabasesEncodingAndNamed() {
        send("select net.http_request('POST', '" + target.url("/") + "', body_text := 'h\u00e9',"
                + " headers := '{\"content-type\": \"text/plain\"}')");

        Request request = target.only();
        if (backend == Backend.LATIN1) {
            assertThat(request.body()).containsExactly('h', 0xe9);
            assertThat(request.header("content-type")).isEqualTo("text/plain; charset=ISO-8859-1");
        } else {
            assertThat(request.body()).isEqualTo("h\u00e9".getBytes(StandardCharsets.UTF_8));
            assertThat(request.header("content-type")).isEqualTo("text/plain");
        }
    }

    @Test
    void lettersBeyondAsciiInUrlAndHeadersAreUtf8() {
        send("select net.http_get('" + target.url("/caf\u00e9") + "', '{\"q\": \"\u00fc\"}', '{\"X-A\": \"\u00e9\"}')");

        assertThat(target.only().uri()).isEqualTo("/caf%C3%A9?q=%C3%BC");
    }

    @Test
    void nothingLeavesBeforeTheCommitNorFromARollback() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select net.http_get('" + target.url("/rolled-back") + "')");
            connection.rollback();
            statement.execute("savepoint s");
            statement.execute("select net.http_get('" + target.url("/savepoint") + "')");
            statement.execute("rollback to savepoint s");
            String id = TestDatabase.rows(statement, "select net.http_get('" + target.url("/kept") + "')")
                    .get(0)
                    .get(0);
            // Another request overtakes it: the bridge has looked, and has not seen what is not committed.
            send("select net.http_get('" + target.url("/other") + "')");
            assertThat(target.requests()).extracting(Request::uri).containsExactly("/other");
            connection.commit();
            result(id);
        }

        assertThat(target.requests()).extracting(Request::uri).containsExactly("/other", "/kept");
    }

    @Test
    void parallelPlanCanQueue() throws SQLException {
        database.run("create table if not exists many as select i from generate_series(1, 50000) i; analyze many");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set local parallel_setup_cost = 0; set local parallel_tuple_cost = 0;"
                    + " set local min_parallel_table_scan_size = 0; set local max_parallel_workers_per_gather = 2");
            List<List<String>> ids = TestDatabase.rows(
                    statement, "select net.http_post('" + target.url("/") + "', jsonb_build_object('i', i)) from many");
            assertThat(ids).hasSize(50_000);
            connection.rollback();
        }
    }

    @Test
    void triggerThatQueuesAThousandToASlowServerDoesNotWait() {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/slow", latch);
        database.run("drop table if exists orders cascade; create table orders (id int);"
                + " create or replace function notify_order() returns trigger language plpgsql as $$ begin"
                + " perform net.http_post('" + target.url("/slow") + "', to_jsonb(new), timeout_milliseconds := 60000);"
                + " return new; end $$;"
                + " create trigger t after insert on orders for each row execute function notify_order()");
        long started = System.nanoTime();
        database.run("insert into orders select i from generate_series(1, 1000) i");
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        latch.countDown();

        assertThat(took).isLessThan(Duration.ofSeconds(3));
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> target.count() == 1000);
    }

    @Test
    void insertAndCopyWakeTheBridge() throws Exception {
        TestDatabase alice = database.as("alice");
        alice.run("insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)"
                + " values ('GET', '" + target.url("/insert") + "', '{}', null, 2000)");
        try (Connection connection = alice.connect()) {
            connection
                    .unwrap(org.postgresql.PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            "copy net.http_request_queue (method, url, headers, timeout_milliseconds) from stdin",
                            new java.io.StringReader("GET\t" + target.url("/copy") + "\t{}\t2000\n"));
        }

        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> target.count() == 2);
        assertThat(target.requests()).extracting(Request::uri).containsExactlyInAnyOrder("/insert", "/copy");
    }
}
