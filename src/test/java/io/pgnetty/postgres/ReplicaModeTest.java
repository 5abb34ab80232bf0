package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.observe.Event;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Exceptions;

/** Sessions in which ordinary triggers do not fire, and logical replication, which has such sessions. The fallback poll is an hour away. */
class ReplicaModeTest {

    private Target target;

    @BeforeEach
    void start() {
        target = new Target();
    }

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    @Test
    void aSessionInReplicaModeQueuesAsAnyOther() {
        TestDatabase database = TestPostgres.shared().installed();
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(bridge.bridge()).isNotNull();
            for (int i = 0; i < 20; i++) {
                database.run("set session_replication_role = replica;" + "select net.http_post('" + target.url("/")
                        + "', body := to_jsonb('body ' || " + i + "))");
            }
            database.run("set session_replication_role = replica;"
                    + "insert into net.http_request_queue (method, url) values ('GET', '" + target.url("/insert")
                    + "')");
            awaitResponses(database, 21);
            assertThat(database.one("select count(distinct queued_by) from net._http_response"))
                    .isEqualTo("1");
            assertThat(target.requests()).extracting(Target.Request::text).contains("\"body 0\"", "\"body 19\"");
        }
    }

    @Test
    void whatCannotBeSentIsRefusedThereWithoutItsRow() {
        TestDatabase database = TestPostgres.shared().installed();
        for (String call : List.of(
                "select net.http_get('ftp://example.com/')",
                "insert into net.http_request_queue (method, url, headers) values ('GET', null, '{\"X-Key\": \"secret\"}')",
                "insert into net.http_request_queue (method, url, body) values ('a b', 'http://example.com', 'secret')")) {
            assertThatThrownBy(() -> database.run("set session_replication_role = replica;" + call))
                    .as(call)
                    .message()
                    .doesNotContain("secret", "Failing row")
                    .containsAnyOf("url", "method");
        }
    }

    /** A trigger that fires when a row comes by replication calls net.http_post; and net's own rows come by replication. */
    @Test
    void aSubscriberQueuesWhatItsTriggersCallAndSendsNoCopies() {
        TestPostgres server = TestPostgres.start("17", Map.of("wal_level", "logical"));
        try {
            TestDatabase from = TestPostgres.install(server.empty());
            TestDatabase to = TestPostgres.install(server.empty());
            for (TestDatabase one : List.of(from, to)) {
                one.run("create table public.orders (id integer primary key)");
            }
            to.run("create function public.tell() returns trigger language plpgsql as $$ begin perform net.http_post('"
                    + target.url("/") + "', body := to_jsonb('order ' || new.id)); return null; end $$;"
                    + "create trigger tell after insert on public.orders for each row execute function public.tell();"
                    + "alter table public.orders enable always trigger tell");
            subscribe(from, to, "orders", "for table public.orders");
            try (TestBridge bridge = TestBridge.start(to)) {
                assertThat(bridge.bridge()).isNotNull();
                from.run("insert into public.orders select generate_series(1, 10)");
                awaitResponses(to, 10);
            }
            assertThat(target.requests()).extracting(Target.Request::text).contains("\"order 1\"", "\"order 10\"");

            TestBridge running = TestBridge.start(to);
            subscribe(from, to, "everything", "for table net.http_request_queue");
            from.run("select net.http_get('" + target.url("/copy") + "') from generate_series(1, 3)");
            Awaitility.await()
                    .until(() -> to.one("select count(*) from net.http_request_queue where url ~ 'copy' and host <> ''")
                            .equals("3"));
            // The one that runs sends none of them, and says so.
            Awaitility.await().until(() -> !running.events(Event.Outdated.class).isEmpty());
            running.close();
            assertThat(target.requests()).extracting(Target.Request::uri).doesNotContain("/copy");
            assertThatThrownBy(() -> TestBridge.start(to))
                    .extracting(Exceptions::unwrap)
                    .isInstanceOfSatisfying(
                            NotReadyException.class,
                            refused -> assertThat(refused.getMessage())
                                    .contains("subscription \"everything\"", "--adopt"));
            for (String name : List.of("orders", "everything")) {
                to.run("alter subscription " + name + " disable");
                to.run("alter subscription " + name + " set (slot_name = none)");
                to.run("drop subscription " + name);
            }
            // The copies are still there: a person must say what becomes of them.
            assertThatThrownBy(() -> TestBridge.start(to))
                    .extracting(Exceptions::unwrap)
                    .isInstanceOfSatisfying(
                            NotReadyException.class,
                            refused -> assertThat(refused.getMessage()).contains("--adopt discard"));
            Schema.run(
                            to.url(),
                            Schema.installScript(
                                    new Schema.Options(List.of(), Optional.empty(), Optional.of(Schema.Adopt.DISCARD))))
                    .block();
            assertThat(to.one("select count(*) from net.http_request_queue")).isEqualTo("0");
            try (TestBridge bridge = TestBridge.start(to)) {
                assertThat(bridge.bridge()).isNotNull();
            }
        } finally {
            server.stop();
        }
    }

    private static void subscribe(TestDatabase from, TestDatabase to, String name, String what) {
        from.run("create publication " + name + " " + what);
        // Made before: on one server the subscription would wait for itself.
        from.run("select pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
        to.run("create subscription " + name + " connection 'host=127.0.0.1 port="
                + from.url().servers().get(0).port() + " dbname="
                + from.url().database() + " user=postgres password=postgres' publication " + name
                + " with (create_slot = false, slot_name = '" + name + "', copy_data = false)");
    }

    private static void awaitResponses(TestDatabase database, int count) {
        Awaitility.await("responses")
                .atMost(Duration.ofSeconds(20))
                .until(() -> database.one("select count(*) from net._http_response where status_code = 200")
                        .equals(String.valueOf(count)));
    }
}
