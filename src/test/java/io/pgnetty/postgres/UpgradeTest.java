package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
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
