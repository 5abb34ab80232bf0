package io.pgnetty.attack;

import static io.pgnetty.attack.Attackers.ATTACKER;
import static io.pgnetty.attack.Attackers.STRANGER;
import static io.pgnetty.attack.Attackers.VICTIM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Locks that anybody can take, or keep in a transaction left open, and who waits for them. */
class AttackLocksTest {

    private final TestDatabase database = Attackers.database();

    @Test
    void keyedCallsWaitForNoLockOfOthers() throws SQLException {
        String call = "select net.http_request('GET', 'http://h.example/', idempotency_key := 'key')";
        database.as(VICTIM).run(call);
        for (String role : List.of(ATTACKER, STRANGER)) {
            try (Connection connection = database.as(role).connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                // All advisory locks that the call takes, and the same numbers the other way round.
                for (List<String> lock : locksOf(call)) {
                    statement.execute("select pg_advisory_lock(" + lock.get(0) + ")");
                }
                if (role.equals(ATTACKER)) {
                    statement.execute(
                            "select net.http_request('GET', 'http://h.example/', idempotency_key := 'key-' || i)"
                                    + " from generate_series(1, 1000) i");
                }
                try (Connection victim = database.as(VICTIM).connect();
                        Statement own = victim.createStatement()) {
                    own.execute("set statement_timeout = '1s'");
                    own.execute("select net.http_request('GET', 'http://h.example/', idempotency_key := 'key-' || i)"
                            + " from generate_series(1, 300) i");
                }
            }
        }
        // None had to be looked at by a bridge.
        assertThat(database.one("select count(*) from net.http_request_queue where state = 'keyed'"))
                .isEqualTo("0");
    }

    private List<List<String>> locksOf(String call) throws SQLException {
        try (Connection connection = database.as(VICTIM).connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(call);
            List<List<String>> locks = TestDatabase.rows(
                    statement,
                    "select (classid::bigint << 32 | objid::bigint)::text from pg_locks where locktype = 'advisory'"
                            + " and objsubid = 1 and pid = pg_backend_pid()");
            connection.rollback();
            return locks;
        }
    }

    @Test
    void anInstallNamesWhoHoldsItsLock() throws SQLException {
        try (Connection connection = database.as(STRANGER).connect();
                Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_lock(hashtextextended('pgnetty install', 0))");
            assertThatThrownBy(() -> TestPostgres.install(database))
                    .hasMessageContaining("process")
                    .hasMessageContaining(STRANGER);
        }
        TestPostgres.install(database);
    }

    @Test
    void aCancelLeftOpenLocksNothingThatIsInFlight() throws SQLException {
        database.as(VICTIM).run("select net.http_get('http://h.example/' || i) from generate_series(1, 1200) i");
        database.run(
                "insert into net.lease (bridge, host, role, until, ids) select gen_random_uuid(), 'h.example', queued_by,"
                        + " now() + interval '1 h', array_agg(id) from net.http_request_queue where id % 3 = 0 group by queued_by");
        try (Connection connection = database.as(VICTIM).connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            assertThat(TestDatabase.rows(statement, "select net.cancel_where('*')"))
                    .containsExactly(List.of("800"));
            database.run(
                    "set statement_timeout = '1s';"
                            + " update net.http_request_queue set attempt = 1 where id % 3 = 0; update net.lease set until = now()");
        }
    }

    @Test
    void aCancelLeftOpenHoldsUpNoOtherCancel() throws SQLException {
        database.as(VICTIM).run("select net.http_get('http://h.example/')");
        database.as(ATTACKER).run("select net.http_get('http://h.example/')");
        try (Connection connection = database.as(ATTACKER).connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            assertThat(TestDatabase.rows(statement, "select net.cancel(2)")).containsExactly(List.of("t"));
            assertThat(oneWithin("3s", "select net.cancel_where('*')")).isEqualTo("1");
        }
    }

    /** A role whose first key is being named in a transaction that stays open, and others' keys. */
    @Test
    void keysThatCannotBeDecidedHoldUpNoOther() throws SQLException {
        try (Connection connection = database.as(ATTACKER).connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select net.http_request('GET', 'http://h.example/', idempotency_key := 'first')");
            database.as(ATTACKER)
                    .run("insert into net.new_request (method, url, state, dedupe_key)"
                            + " select 'GET', 'http://h.example/', 'keyed', 'q' || i from generate_series(1, 300) i");
            database.as(VICTIM)
                    .run(
                            "begin isolation level serializable;"
                                    + " select net.http_request('GET', 'http://h.example/', idempotency_key := 'other'); commit");
            assertThat(oneWithin("2s", "select net.admit_keyed(1000)")).isEqualTo("1");
        }
        assertThat(database.one("select net.admit_keyed(1000)")).isEqualTo("300");
    }

    @Test
    void manyRequestsWithOneKeyAreDecidedInTheirTime() {
        database.as(ATTACKER)
                .run("insert into net.new_request (method, url, state, dedupe_key, fingerprint)"
                        + " select 'GET', 'http://h.example/', 'keyed', 'same', 'x' from generate_series(1, 6000) i");
        database.run("set statement_timeout = '20s'; select net.admit_keyed(6000)");
        assertThat(database.one("select count(*) from net._http_response where same_as is not null"))
                .isEqualTo("5999");
    }

    private String oneWithin(String time, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set statement_timeout = '" + time + "'");
            return TestDatabase.rows(statement, sql).get(0).get(0);
        }
    }
}
