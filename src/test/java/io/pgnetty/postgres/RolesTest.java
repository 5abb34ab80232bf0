package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The roles of {@code --bridge-role} and {@code --monitor}. */
class RolesTest {

    private TestDatabase database;
    private String bridgeRole;
    private String monitorRole;

    @BeforeEach
    void install() {
        install(TestPostgres.shared());
    }

    private void install(TestPostgres postgres) {
        database = postgres.empty();
        String name = database.one("select current_database()");
        bridgeRole = "bridge_" + name;
        monitorRole = "monitor_" + name;
        Schema.run(
                        database.url(),
                        Schema.installScript(new Schema.Options(
                                List.of(),
                                List.of(bridgeRole),
                                List.of(monitorRole),
                                Optional.empty(),
                                Optional.empty())))
                .block();
        List.of(bridgeRole, monitorRole)
                .forEach(role -> database.run("alter role " + role + " password '" + role + "'"));
    }

    @AfterEach
    void dropRoles() {
        List.of(bridgeRole, monitorRole).forEach(role -> database.run("drop owned by " + role + "; drop role " + role));
    }

    /** PostgreSQL checks rights when a plan is made ready, which EXPLAIN does too. */
    @Test
    void aBridgesRoleMayRunEachStatement() {
        for (String path : Sql.folder("statements")) {
            String name = path.replaceAll(".*/|\\.sql", "");
            if (!List.of("listen", "unlisten", "vacuum_queue", "notify_bridges").contains(name)) {
                explain(bridgeRole, path);
            }
        }
    }

    private void explain(String role, String path) {
        // Simple queries: an extended one wants values for the parameters.
        String url = "jdbc:postgresql://127.0.0.1:"
                + database.url().servers().get(0).port() + "/" + database.url().database() + "?preferQueryMode=simple";
        try (Connection connection = DriverManager.getConnection(url, role, role);
                Statement statement = connection.createStatement()) {
            statement.execute("explain (generic_plan) " + Sql.file(path));
        } catch (SQLException e) {
            throw new AssertionError(path + " as " + role + ": " + e.getMessage(), e);
        }
    }

    @Test
    void aRoleThatLooksMayRunWhatStatusRuns() {
        Sql.folder("statements").stream()
                .filter(path -> path.contains("status") || path.contains("verify") || path.contains("schema_step"))
                .forEach(path -> explain(monitorRole, path));
    }

    @Test
    void neitherMayDropAlterOrGrantAnything() {
        for (String role : List.of(bridgeRole, monitorRole)) {
            TestDatabase theirs = database.as(role);
            for (String statement : List.of(
                    "drop table net.http_request_queue",
                    "drop schema net cascade",
                    "alter table net.http_request_queue add column x int",
                    "truncate net._http_response",
                    "create trigger t before insert on net.http_request_queue for each row execute function net.accept_request()",
                    "create table net.x ()",
                    "create or replace function net.version() returns text language sql return 'x'",
                    "alter role " + role + " superuser",
                    "delete from net.schema_step",
                    "update net.bridge_control set identity = 'x'",
                    "insert into net.host_rule (host_pattern) values ('x')",
                    "select net.pause()",
                    "select net.set_role_rule('postgres', 1)",
                    "select net.http_get('http://x.example')")) {
                assertThatThrownBy(() -> theirs.run(statement))
                        .as(role + ": " + statement)
                        .isInstanceOf(TestDatabase.Failed.class)
                        .hasMessageMatching("(?s).*(permission denied|must be owner|must be able|may only|owner).*");
            }
            // A grant of what one may not give away is a warning, and gives nothing.
            theirs.run("grant select on net.lease to public");
            assertThat(database.one("select has_table_privilege('public', 'net.lease', 'select')"))
                    .isEqualTo("f");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"15", "17"})
    void aBridgeWorksAsItsRole(String major) throws IOException {
        dropRoles();
        install(TestPostgres.version(major));
        try (Target target = new Target();
                TestBridge bridge = TestBridge.start(
                        database,
                        Map.of(
                                Setting.URL, database.as(bridgeRole).text(),
                                Setting.RESPONSE_TTL, "8s",
                                Setting.DEAD_LETTER_TTL, "8s",
                                Setting.LEASE, "2s"))) {
            target.inTurn("/twice", Map.of(), 500, 200);
            target.respond("/broken", 500, Map.of(), new byte[0]);
            target.respond(
                    "/moved", 302, Map.of("location", target.url("/").replace("127.0.0.1", "localhost")), new byte[0]);
            database.run("select net.http_get('" + target.url("/") + "') from generate_series(1, 50)");
            database.run("select net.http_request('GET', '" + target.url("/twice") + "', max_attempts := 2)");
            database.run("select net.http_request('GET', '" + target.url("/broken") + "', max_attempts := 2)");
            database.run("select net.http_request('GET', '" + target.url("/moved") + "')");
            database.run("select net.http_request('GET', '" + target.url("/") + "', idempotency_key := 'k')");
            database.run(
                    "select net.http_request('GET', '" + target.url("/") + "', not_before := now() + interval '1 s')");
            Awaitility.await("answers")
                    .until(() -> database.one("select count(*) from net._http_response where status_code = 200")
                            .equals("54"));
            Awaitility.await("the dead letter")
                    .until(() ->
                            database.one("select count(*) from net.dead_letter").equals("1"));
            // All of it goes when its time is over.
            Awaitility.await("expired")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> database.one(
                                    "select (select count(*) from net._http_response) + (select count(*) from net.dead_letter)")
                            .equals("0"));
            assertThat(bridge.events(Event.ChoreFailed.class)).isEmpty();
            assertThat(bridge.events(Event.WriteBackFailed.class)).isEmpty();
        }
    }

    @Test
    void whoLooksSeesNoBodiesAndNoHeaders() {
        database.run(
                "select net.http_post('http://a.example/?token=topsecret', '\"topsecret\"', headers := '{\"x\": \"topsecret\"}')");
        TestDatabase theirs = database.as(monitorRole);
        assertThat(theirs.rows("select * from net.monitor_queue").toString())
                .contains("a.example")
                .doesNotContain("topsecret");
        assertThatThrownBy(() -> theirs.rows("select * from net.http_request_queue"))
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> theirs.rows("select * from net._http_response"))
                .hasMessageContaining("permission denied");
    }

    /** As {@code psql} and other tools show it. */
    @Test
    void whatPeopleMayUseHasAComment() {
        database.run("grant usage on schema net to " + monitorRole);
        TestPostgres.install(database, monitorRole);
        assertThat(database.rows("select p.proname from pg_proc p where p.pronamespace = 'net'::regnamespace"
                        + " and obj_description(p.oid, 'pg_proc') is null and p.proname = any ('{"
                        + String.join(",", publicFunctions()) + "}')"))
                .isEmpty();
        assertThat(
                        database.rows(
                                "select c.relname from pg_class c where c.relnamespace = 'net'::regnamespace and c.relkind in"
                                        + " ('r', 'v') and has_table_privilege('" + monitorRole + "', c.oid, 'select')"
                                        + " and obj_description(c.oid, 'pg_class') is null and c.relname not in ('leader', 'queue_limit')"))
                .isEmpty();
    }

    private static List<String> publicFunctions() {
        return Stream.concat(Sql.folder("api").stream(), Stream.of("base/caller.sql"))
                .map(path -> path.replaceAll(".*/|\\.sql", ""))
                .toList();
    }

    @Test
    void theQueriesOfTheDocsRun() throws IOException {
        database.run("select net.http_get('http://a.example')");
        String text = Files.readString(Path.of("docs/dba.md"));
        List<String> queries = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(queries).hasSizeGreaterThan(5);
        for (String query : queries) {
            database.as(monitorRole).rows(query);
        }
        assertThat(database.as(monitorRole).rows(queries.get(2)).get(0)).contains("a.example", "1");
    }

    /** Whoever dumps all must see all rows; PostgreSQL refuses what row-level security would leave out. */
    @Test
    void whoDumpsNeedsMoreThanAllData() {
        database.run("grant pg_read_all_data to " + monitorRole);
        TestDatabase theirs = database.as(monitorRole);
        // What pg_dump does.
        String dump = "set row_security = off; select count(*) from net._http_response";
        assertThatThrownBy(() -> theirs.run(dump)).hasMessageContaining("row-level security");
        database.run("alter role " + monitorRole + " bypassrls");
        theirs.run(dump);
    }

    /** On a table of its own, a trigger function that is its owner's would do as it says. */
    @Test
    void noTriggerFunctionIsTheirs() {
        for (String role : List.of(bridgeRole, monitorRole)) {
            assertThat(database.rows("select p.proname from pg_proc p where p.pronamespace = 'net'::regnamespace"
                            + " and p.prorettype = 'trigger'::regtype and has_function_privilege('" + role
                            + "', p.oid, 'execute')"))
                    .isEmpty();
        }
    }

    /** Two requests with one key, where the second cannot see the first: what decides that locks rows. */
    @Test
    void aBridgesRoleAdmitsKeyedRequests() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("select net.http_request('GET', 'http://a.example', idempotency_key := 'k')");
            connection.commit();
        }
        assertThat(database.one("select state from net.http_request_queue")).isEqualTo("keyed");
        assertThat(database.as(bridgeRole)
                        .rows(Sql.file("statements/admit_keyed.sql").replace("$1", "10")))
                .isNotNull();
        assertThat(database.one("select state from net.http_request_queue")).isEqualTo("due");
    }

    /** A view of one table can be written to, as its owner, by whoever has the right; and nobody has one by accident. */
    @Test
    void defaultPrivilegesMakeNobodyAMonitor() {
        String nosy = "nosy_" + database.one("select current_database()");
        database.run("create role " + nosy + "; alter default privileges grant all on tables to " + nosy);
        for (int i = 0; i < 2; i++) {
            database.run("drop view net.monitor_queue");
            TestPostgres.install(database);
            assertThat(database.one("select has_table_privilege('" + nosy + "', 'net.monitor_queue', 'select')"))
                    .isEqualTo("f");
        }
        assertThatThrownBy(() -> database.run("update net.monitor_responses set queued_by = 'postgres'"))
                .hasMessageContaining("cannot update view");
        assertThatThrownBy(() -> database.run("delete from net.monitor_queue")).hasMessageContaining("cannot delete");
        database.run("alter default privileges revoke all on tables from " + nosy + "; drop role " + nosy);
    }

    /** What was equipped before is equipped for what a newer version brings. */
    @Test
    void bothStayEquipped() {
        database.run("revoke all on net.egress_rules, net.paused from " + bridgeRole + ", " + monitorRole);
        TestPostgres.install(database);
        aBridgesRoleMayRunEachStatement();
        aRoleThatLooksMayRunWhatStatusRuns();
    }

    @Test
    void aSuperuserIsNoBridgesRole() {
        assertThatThrownBy(() -> Schema.run(
                                database.url(),
                                Schema.installScript(new Schema.Options(
                                        List.of(), List.of("postgres"), List.of(), Optional.empty(), Optional.empty())))
                        .block())
                .hasMessageContaining("superuser");
    }
}
