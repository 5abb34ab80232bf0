package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Requests and responses of an older schema are there after an upgrade, and are sent. */
class UpgradeTest {

    @Test
    void whatWaitedInTheFirstStepIsSent() throws IOException {
        TestDatabase database = TestPostgres.shared().empty();
        Schema.run(database.url(), firstStep()).block();
        try (Target target = new Target()) {
            database.run("alter table net.http_request_queue disable trigger user;"
                    + "insert into net.http_request_queue"
                    + " (method, url, host, queued_by, created, idempotency_key, attempt)"
                    + " select 'GET', '" + target.url("/") + "', '127.0.0.1:" + target.port() + "',"
                    + " current_user::regrole, clock_timestamp(), gen_random_uuid(), 0 from generate_series(1, 3);"
                    + "insert into net._http_response (id, status_code, queued_by) values (99, 500, current_user::regrole);"
                    + "alter table net.http_request_queue enable trigger user");
            TestPostgres.install(database);

            assertThat(database.rows("select count(*) from pg_proc where pronamespace = 'net'::regnamespace"
                            + " group by proname having count(*) > 1"))
                    .isEmpty();
            assertThat(database.one("select net.http_request_status(99)")).isEqualTo("succeeded");
            assertThat(database.one("select net.http_request_status(1)")).isEqualTo("queued");
            assertThat(database.one("select count(*) from net.my_requests")).isEqualTo("3");
            try (TestBridge bridge = TestBridge.start(database)) {
                assertThat(bridge).isNotNull();
                Awaitility.await()
                        .until(() -> database.one("select count(*) from net._http_response where status_code = 200")
                                .equals("3"));
            }
        }
    }

    /** Each state that a request of the version before can be in; what was in flight is sent once more, as its bridge is gone. */
    @Test
    void whatIsInTheQueueOfTheFifthStepGoesOn() throws IOException {
        TestDatabase database = TestPostgres.shared().empty();
        Schema.run(database.url(), fifthStep()).block();
        try (Target target = new Target()) {
            database.run(
                    "select net.http_request('POST', '" + target.url("/") + "', body_text := name, max_attempts := 3)"
                            + " from unnest('{due,scheduled,retrying,keyed,parked,held,hop}'::text[]) name");
            set(database, "scheduled", "lease_until = now() + '2 s'");
            set(database, "retrying", "lease_until = now() + '2 s', attempt = 1, failures = 1, error_msg = 'HTTP 500'");
            set(database, "keyed", "lease_until = '-infinity', dedupe_key = 'k'");
            set(database, "parked", "lease_until = 'infinity', rank = now(), error_msg = 'why'");
            set(database, "held", "lease_until = now() + '4 s', replica = gen_random_uuid(), attempt = 1");
            set(
                    database,
                    "hop",
                    "lease_until = now() + '4 s', replica = gen_random_uuid(), attempt = 1, home_host = host, host = 'h:1'");
            database.run(
                    "insert into net.dead_letter (id, method, url, headers, timeout_milliseconds, host, queued_by, created,"
                            + " failures, error_msg, max_attempts, priority, idempotency_key, fire_and_forget, keep_failed) select 1000, 'POST',"
                            + " url, '{}', 5000, host, queued_by, created, 1, 'HTTP 500', 1, 0, gen_random_uuid(), false, true"
                            + " from net.http_request_queue limit 1;"
                            + "insert into net._http_response (id, status_code, queued_by, failed)"
                            + " values (1000, 500, current_user::regrole, true)");
            String keys = "select convert_from(body, 'UTF8'), idempotency_key from net.my_requests order by id";
            List<List<String>> before = database.rows(keys);
            TestPostgres.install(database);

            assertThat(database.rows(
                            "select convert_from(body, 'UTF8'), net.http_request_status(id) from net.my_requests"
                                    + " order by id"))
                    .containsExactly(
                            List.of("due", "queued"),
                            List.of("scheduled", "scheduled"),
                            List.of("retrying", "retrying"),
                            List.of("keyed", "queued"),
                            List.of("parked", "failed"),
                            List.of("held", "in_flight"),
                            List.of("hop", "in_flight"));
            assertThat(database.one("select net.http_request_status(1000)")).isEqualTo("dead");
            assertThat(database.rows(keys)).isEqualTo(before);

            try (TestBridge bridge = TestBridge.start(database, Map.of(Setting.LEASE, "4s"))) {
                Awaitility.await()
                        .until(() -> database.one("select count(*) from net._http_response where status_code = 200")
                                .equals("6"));
                assertThat(bridge.events(Event.ChoreFailed.class)).isEmpty();
            }
            assertThat(target.requests().stream()
                            .map(request -> List.of(request.text(), request.header("idempotency-key")))
                            .toList())
                    .containsExactlyInAnyOrderElementsOf(before.stream()
                            .filter(row -> !row.get(0).equals("parked"))
                            .toList());
            assertThat(database.rows("select convert_from(body, 'UTF8'), error_msg from net.http_request_queue"))
                    .containsExactly(List.of("parked", "why"));
        }
    }

    @Test
    void whatWasUpgradedIsLikeWhatIsNew() {
        TestDatabase upgraded = TestPostgres.shared().empty();
        Schema.run(upgraded.url(), fifthStep()).block();
        TestPostgres.install(upgraded);
        TestDatabase anew = TestPostgres.shared().installed();

        for (String catalog : List.of(
                "select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)"
                        + " from pg_attribute a join pg_class c on c.oid = a.attrelid"
                        + " left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum"
                        + " where c.relnamespace = 'net'::regnamespace and c.relkind in ('r', 'v') and a.attnum > 0"
                        + " and not a.attisdropped order by 1, 2",
                "select indexdef from pg_indexes where schemaname = 'net' order by 1",
                "select viewname, definition from pg_views where schemaname = 'net' order by 1",
                "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
                        + " where connamespace = 'net'::regnamespace order by 1, 2",
                "select tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1, 2",
                "select oid::regprocedure::text, md5(prosrc), proacl, proconfig from pg_proc"
                        + " where pronamespace = 'net'::regnamespace order by 1",
                "select relname, relacl, relrowsecurity from pg_class where relnamespace = 'net'::regnamespace order by 1")) {
            assertThat(upgraded.rows(catalog)).isNotEmpty().isEqualTo(anew.rows(catalog));
        }
    }

    /** By the version of today, without an upgrade before. */
    @Test
    void theFifthStepIsUninstalled() {
        TestDatabase database = TestPostgres.shared().empty();
        Schema.run(database.url(), fifthStep()).block();
        Schema.run(database.url(), Schema.uninstallScript(false)).block();
        assertThat(database.rows("select from pg_namespace where nspname = 'net'"))
                .isEmpty();
    }

    /** What the third step made before the fourth replaced it: a column, a condition at the notifications, a trigger for the limit. */
    @Test
    void theThirdStepInItsFirstFormGoesOn() {
        TestDatabase database = TestPostgres.shared().installed();
        database.run(
                "drop sequence net.limit_id; alter table net.queue_limit add column limit_id bigint not null default 0;"
                        + "create function net.room() returns trigger language plpgsql as 'begin return null; end';"
                        + "create trigger room after insert on net.http_request_queue for each statement"
                        + " when (current_user <> '') execute function net.room();"
                        + "create function net.check_room() returns void language plpgsql as 'begin return; end';"
                        + "create trigger ring after insert on net.http_request_queue for each statement"
                        + " when (not pg_try_advisory_xact_lock_shared(1885826676, 1)) execute function net.notify_bridges();"
                        + "delete from net.schema_step where step = 4");
        TestPostgres.install(database);

        database.run("select net.http_get('http://h/')");
        database.run("insert into net.http_request_queue (method, url) values ('GET', 'http://h/')");
        assertThat(
                        database.rows(
                                "select tgname from pg_trigger where tgrelid = 'net.http_request_queue'::regclass"
                                        + " and (tgqual is not null and tgname not in ('accept_request', 'request_answered', 'request_left', 'request_parked') or tgname = 'room')"))
                .isEmpty();
        assertThat(database.rows("select to_regproc('net.room'), to_regprocedure('net.check_room()'), count(*)"
                        + " from pg_attribute where attrelid = 'net.queue_limit'::regclass and attname = 'limit_id'"))
                .containsExactly(Arrays.asList(null, null, "0"));
    }

    /** The third step made the sequence by itself for a while. */
    @Test
    void theThirdStepInItsSecondFormGoesOn() {
        TestDatabase database = TestPostgres.shared().installed();
        database.run("create trigger ring after insert on net.http_request_queue for each statement"
                + " execute function net.notify_bridges();"
                + "delete from net.schema_step where step = 4");
        TestPostgres.install(database);

        assertThat(database.one(
                        "select id <= pg_sequence_last_value('net.limit_id') from net.http_get('http://h/') id"))
                .isEqualTo("t");
    }

    private static void set(TestDatabase database, String body, String change) {
        database.run(
                "update net.http_request_queue set " + change + " where body = convert_to('" + body + "', 'UTF8')");
    }

    /** What the version before the leases printed for {@code install --print}. */
    private static String fifthStep() {
        try (InputStream in = Objects.requireNonNull(UpgradeTest.class.getResourceAsStream("/schema/005.sql"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String firstStep() {
        StringBuilder script = new StringBuilder("begin;\nset local pgnetty.grantees = '{}';\n");
        script.append(Sql.file("install/guard.sql"));
        Sql.folder("base").forEach(path -> script.append(Sql.file(path)));
        script.append(Sql.file("install/step.sql")
                .replace("{step}", "1")
                .replace("{statements}", Sql.file(Sql.folder("schema").get(0))));
        return script.append("commit;").toString();
    }
}
