package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.util.Arrays;
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

    /** What the third step made before the fourth replaced it: a column, a condition at the bell, a trigger for the limit. */
    @Test
    void theThirdStepInItsFirstFormGoesOn() {
        TestDatabase database = TestPostgres.shared().installed();
        database.run(
                "drop sequence net.limit_id; alter table net.queue_limit add column limit_id bigint not null default 0;"
                        + "create function net.room() returns trigger language plpgsql as 'begin return null; end';"
                        + "create trigger room after insert on net.http_request_queue for each statement"
                        + " when (current_user <> '') execute function net.room();"
                        + "create function net.check_room() returns void language plpgsql as 'begin return; end';"
                        + "create or replace trigger ring after insert on net.http_request_queue for each statement"
                        + " when (not pg_try_advisory_xact_lock_shared(1885826676, 1)) execute function net.ring();"
                        + "delete from net.schema_step where step = 4");
        TestPostgres.install(database);

        database.run("select net.http_get('http://h/')");
        database.run("insert into net.http_request_queue (method, url) values ('GET', 'http://h/')");
        assertThat(database.rows("select tgname from pg_trigger where tgrelid = 'net.http_request_queue'::regclass"
                        + " and (tgqual is not null and tgname <> 'accept_request' or tgname = 'room')"))
                .isEmpty();
        assertThat(database.rows("select to_regproc('net.room'), to_regprocedure('net.check_room()'), count(*)"
                        + " from pg_attribute where attrelid = 'net.queue_limit'::regclass and attname = 'limit_id'"))
                .containsExactly(Arrays.asList(null, null, "0"));
    }

    /** The third step made the sequence by itself for a while. */
    @Test
    void theThirdStepInItsSecondFormGoesOn() {
        TestDatabase database = TestPostgres.shared().installed();
        database.run("delete from net.schema_step where step = 4");
        TestPostgres.install(database);

        assertThat(database.one(
                        "select id <= pg_sequence_last_value('net.limit_id') from net.http_get('http://h/') id"))
                .isEqualTo("t");
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
