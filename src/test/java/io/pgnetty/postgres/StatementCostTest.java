package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What each statement of the bridge touches with a million requests in the queue, most of them of a host whose slots are taken,
 * scheduled, leased or broken: a bounded number of pages, by EXPLAIN (ANALYZE, BUFFERS).
 */
class StatementCostTest {

    private static final String ME = "'00000000-0000-0000-0000-000000000001'::uuid";
    private static final String OTHER = "'00000000-0000-0000-0000-000000000002'::uuid";

    private static TestDatabase database;

    @BeforeAll
    static void fill() {
        Sql.load();
        database = TestPostgres.shared().installed();
        database.run("alter table net.http_request_queue disable trigger user;"
                + insert("1, 600064", "'a.full'", "null")
                + insert("600065, 800000", "'b.later'", "now() + i * interval '1 s'")
                + insert("800001, 800500", "'c.held' || i", "null")
                + insert("800501, 900000", "'d.broken'", "null")
                + insert("900001, 990000", "'e' || i % 3000", "null")
                + insert("990001, 1000000", "'f.mine'", "now() + interval '20 s'"));
        // The first 64 of a.full, one of each c.held, and 256 of f.mine.
        lease(OTHER, "id <= 64");
        lease(OTHER, "id between 800001 and 800500");
        lease(ME, "id between 990001 and 990256");
        database.run(
                "insert into net.hosts (host, patterns, breaker_open_until) values ('d.broken', '{d.broken,*}', now() + interval '1 h')");
        database.run("vacuum analyze net.http_request_queue");
    }

    @Test
    void theQueueIsFull() {
        assertThat(database.one("select count(*) from net.http_request_queue")).isEqualTo("1000000");
    }

    /** Pages, and rows that it gives: a claim of 32 from 80 hosts, each of which has to be looked up, locked and counted. */
    @ParameterizedTest
    @CsvSource({"'', 32, 80, 3500", "'e0', 32, 80, 3500", "'', 1, 2, 150", "'d', 256, 300, 13500"})
    void aClaim(String after, int limit, int hosts, int pages) throws SQLException {
        long first = pages("claim", claim(limit, hosts, after));
        assertThat(first).isLessThan(pages);
    }

    /** A session keeps the plan that it made first, which may have been before there was anything. */
    @Test
    void aClaimPlannedForAnEmptyQueue() throws SQLException {
        TestDatabase empty = TestPostgres.shared().installed();
        String claim = statement("claim", claim(128, 80, ""));
        try (Connection connection = empty.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("select net.http_get('http://first/')");
            TestDatabase.rows(statement, claim);
            statement.execute(
                    "select count(net.http_get('http://h' || i % 500 || '/')) from generate_series(1, 50000) i");
            statement.execute("select count(net.http_get('http://big/')) from generate_series(1, 50000) i");
            // Makes the rows of net.hosts.
            TestDatabase.rows(statement, claim);
            assertThat(pages(statement, claim)).isLessThan(8000);
        }
    }

    @Test
    void aCompletionOfThirty() throws SQLException {
        String ids = array(990_001, 30, "bigint");
        assertThat(pages(
                        "complete",
                        ids,
                        fill(mine(), 30, "bigint"),
                        fill("200", 30, "integer"),
                        fill("'text/plain'", 30, "text"),
                        fill("'{}'", 30, "text"),
                        fill("'ok'", 30, "text"),
                        fill("null", 30, "text"),
                        fill("false", 30, "boolean"),
                        fill("null", 30, "text"),
                        fill("null", 30, "bigint"),
                        fill("0", 30, "integer"),
                        fill("false", 30, "boolean"),
                        fill("null", 30, "text"),
                        fill("1", 30, "double precision"),
                        fill("1", 30, "double precision"),
                        "'me'",
                        ME))
                .isLessThan(2500);
    }

    @Test
    void leases() throws SQLException {
        String ids = array(990_001, 256, "bigint");
        String leases = fill(mine(), 256, "bigint");
        assertThat(pages("extend", array(501, 500, "bigint"), "'30 s'", ME)).isLessThan(9000);
        assertThat(pages("release", ids, leases, ME, fill("false", 256, "boolean"), "'me'"))
                .isLessThan(9000);
        assertThat(pages("recover", ME, ids)).isLessThan(2000);
        assertThat(pages("isolate", "990001", mine(), ME)).isLessThan(60);
        assertThat(pages("park", "990001", mine(), "'why'", ME)).isLessThan(60);
    }

    @Test
    void whatWaitsForItsTime() throws SQLException {
        assertThat(pages("promote", "1000")).isLessThan(20_000);
    }

    @Test
    void housekeeping() throws SQLException {
        assertThat(pages(
                        "heartbeat",
                        ME,
                        "'me'",
                        "'0'",
                        "'running'",
                        "1",
                        "true",
                        "interval '3 s'",
                        "8",
                        "'10.0.0.0/8'",
                        "''",
                        "'5 min'",
                        "true"))
                .isLessThan(60);
        assertThat(pages("expire_parked", "1000", "'6 h'")).isLessThan(1000);
        assertThat(pages("open_circuit_breaker", "'a.full'", "interval '1 s'", "false"))
                .isLessThan(30);
        assertThat(pages("close_circuit_breaker", "'d.broken'")).isLessThan(30);
        assertThat(pages("expire_hosts", "1000")).isLessThan(30_000);
    }

    /** Each is read at most once in some time, however many pages are open; a search that fits nothing reads the most. */
    @Test
    void thePage() throws SQLException {
        database.run(
                "insert into net._http_response (id, status_code, created, queued_by) select i, 200, now() - i * interval '1 second' - interval '1 min',"
                        + " current_user::regrole from generate_series(1, 100000) i; analyze net._http_response");
        assertThat(pages("page_now", "true")).isLessThan(8000);
        assertThat(pages("page_waiting", "false", "'nowhere'", "100", "true", "-1"))
                .isLessThan(4000);
        assertThat(pages("page_waiting", "true", "''", "100", "true", "-1")).isLessThan(4000);
        assertThat(pages("page_dead", "'nowhere'", "100", "true", "-1")).isLessThan(4000);
        assertThat(pages("page_answered", "true", "''", "100", "true", "-1")).isLessThan(4000);
        assertThat(pages("page_request", "990001")).isLessThan(100);
    }

    private static String insert(String range, String host, String dueAt) {
        return "insert into net.http_request_queue (method, url, headers, host, queued_by, created, attempt, state, due_at)"
                + " select 'GET', 'http://h/', '{}', " + host + ", 'postgres', now(), 0,"
                + " case when " + dueAt + " is null then 'due' else 'waiting' end, " + dueAt + " from generate_series("
                + range + ") i;";
    }

    private static void lease(String bridge, String condition) {
        database.run("insert into net.lease (bridge, host, role, until, ids) select " + bridge
                + ", host, queued_by, now() + interval '1 h', array_agg(id) from net.http_request_queue where "
                + condition
                + " group by host, queued_by");
    }

    /** The number of my lease. */
    private static String mine() {
        return database.one("select number from net.lease where bridge = " + ME);
    }

    private static String array(int from, int count, String type) {
        return "array(select i from generate_series(" + from + "," + (from + count - 1) + ") i)::" + type + "[]";
    }

    /** The parameters of a claim that goes on after a host of the only role. */
    private static Object[] claim(int limit, int hosts, String after) {
        String role = "array(select oid from pg_roles where rolname = current_user)";
        return new Object[] {
            limit,
            "'30 s'",
            ME,
            1 << 20,
            1 << 20,
            hosts,
            256,
            0,
            role,
            "'{" + after + "}'",
            role,
            "'{3}'",
            "'{0}'",
            "'{}'"
        };
    }

    private static String fill(String value, int count, String type) {
        return "array_fill(" + value + "::" + type + ", array[" + count + "])";
    }

    /** Pages that a statement touches; what it changes is rolled back. The second run: catalogs and plans are there then. */
    private static long pages(String name, Object... parameters) throws SQLException {
        String sql = statement(name, parameters);
        long pages = 0;
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int run = 0; run < 2; run++) {
                connection.setAutoCommit(false);
                pages = pages(statement, sql);
                connection.rollback();
            }
        }
        System.out.println(name + ": " + pages + " pages");
        return pages;
    }

    private static long pages(Statement statement, String sql) throws SQLException {
        List<List<String>> plan = TestDatabase.rows(statement, "explain (analyze, buffers, format json) " + sql);
        String json = plan.stream().map(row -> row.get(0)).collect(Collectors.joining("\n"));
        return first(json, "Shared Hit Blocks") + first(json, "Shared Read Blocks");
    }

    private static String statement(String name, Object... parameters) {
        String sql = Sql.statement(name);
        for (int i = parameters.length; i > 0; i--) {
            sql = sql.replaceAll("\\$" + i + "(?![0-9])", Matcher.quoteReplacement(String.valueOf(parameters[i - 1])));
        }
        return sql;
    }

    private static long first(String json, String key) {
        Matcher matcher = Pattern.compile("\"" + key + "\": (\\d+)").matcher(json);
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }
}
