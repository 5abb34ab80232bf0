package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.PgBouncer;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What the database's settings say does not decide whether the bridge's statements are compiled. */
class PinnedSettingsTest {

    private final TestDatabase database = TestPostgres.shared().installed();

    @Test
    void directConnectionsPinTheirOwn() throws IOException {
        database.run("create table seen (jit text); grant insert on seen to public;"
                + " create function look() returns trigger language plpgsql security definer set search_path = public as $$"
                + " begin insert into public.seen values (current_setting('jit')); return null; end $$;"
                + " create trigger look after insert on net._http_response for each statement execute function look()");
        prefer("jit = on");
        try (TestBridge bridge = TestBridge.start(database)) {
            answerOne();
        }
        assertThat(database.rows("select jit from seen").toString()).isEqualTo("[[off]]");
    }

    /** Behind a pooler the session is not ours; what is pinned is, for each transaction. */
    @Test
    void transactionsBehindAPoolerDoNotCompile() throws IOException {
        Assumptions.assumeTrue(PgBouncer.installed(), "pgbouncer is not installed");
        database.run("create table seen (jit text); create function look() returns trigger language plpgsql as $$"
                + " begin insert into public.seen values (current_setting('jit')); return null; end $$;"
                + " create trigger look after insert on net._http_response for each statement execute function look()");
        prefer("jit = on");
        try (TestBridge bridge = TestBridge.start(
                database,
                Map.of(
                        Setting.URL,
                        PgBouncer.inFrontOf(database).url(database),
                        Setting.LISTEN_URL,
                        database.text()))) {
            answerOne();
        }
        assertThat(database.rows("select jit from seen").toString()).isEqualTo("[[off]]");
    }

    /** What would change the statements of callers as well. */
    @Test
    void otherSettingsChangeNothingForTheBridge() throws IOException {
        prefer(
                "search_path = nowhere",
                "quote_all_identifiers = on",
                "row_security = off",
                "default_transaction_isolation = serializable",
                "standard_conforming_strings = off");
        try (TestBridge bridge = TestBridge.start(database);
                Target target = new Target()) {
            assertThat(bridge.bridge()).isNotNull();
            database.run("select 1;"
                    + " select net.http_post('" + target.url("/")
                    + "', to_jsonb('a \\ ' || i)) from generate_series(1, 20) i;"
                    + " select net.http_request('GET', '" + target.url("/")
                    + "', priority := i, max_attempts := 2) from generate_series(1, 5) i");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> database.rows("select count(*) from net._http_response where status_code = 200")
                            .toString()
                            .equals("[[25]]"));
        }
    }

    private void prefer(String... settings) {
        for (String setting : settings) {
            database.run(
                    "do $$ begin execute format('alter database %I set " + setting + "', current_database()); end $$");
        }
    }

    private void answerOne() throws IOException {
        try (Target target = new Target()) {
            String id = database.one("select net.http_get('" + target.url("/") + "')");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> database.one("select count(*) from net._http_response where id = " + id)
                            .equals("1"));
        }
    }
}
