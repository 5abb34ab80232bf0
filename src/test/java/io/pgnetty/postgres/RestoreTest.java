package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import reactor.core.Exceptions;

/** Dumps that are restored in parts, and what copies schema net elsewhere. */
class RestoreTest {

    /** As {@code pg_dump --data-only}, by the owner, into a database where schema net is installed. */
    @Test
    void rowsThatAreRestoredAreKeptAndNotSent() throws IOException, SQLException {
        TestDatabase from = TestPostgres.shared().installed();
        TestDatabase to = TestPostgres.shared().installed();
        try (Target target = new Target()) {
            from.run("select net.http_post('" + target.url("/")
                    + "', to_jsonb('request ' || i)) from generate_series(1, 3) i;"
                    + "update net.http_request_queue set created = created - interval '1 minute'");
            copy(from, to, "net.http_request_queue");
            assertThat(to.rows("select id, host from net.http_request_queue order by id"))
                    .isEqualTo(from.rows("select id, host from net.http_request_queue order by id"));
            assertThatThrownBy(() -> TestBridge.start(to))
                    .extracting(Exceptions::unwrap)
                    .isInstanceOfSatisfying(
                            NotReadyException.class,
                            refused -> assertThat(refused.getMessage()).contains("--adopt keep"));
            assertThat(target.count()).isZero();

            Schema.run(
                            to.url(),
                            Schema.installScript(
                                    new Schema.Options(List.of(), Optional.empty(), Optional.of(Schema.Adopt.KEEP))))
                    .block();
            try (TestBridge bridge = TestBridge.start(to)) {
                assertThat(bridge.bridge()).isNotNull();
                Awaitility.await().until(() -> target.count() == 3);
            }
            assertThat(target.requests())
                    .extracting(Target.Request::text)
                    .containsExactlyInAnyOrder("\"request 1\"", "\"request 2\"", "\"request 3\"");
        }
    }

    /** An id that the owner gives in an insert of his own is refused as before, and stops nothing. */
    @Test
    void anIdOfOnesOwnIsNoRestore() {
        TestDatabase database = TestPostgres.shared().installed();
        database.run("select net.http_get('http://a.example')");
        assertThatThrownBy(() ->
                        database.run("insert into net.http_request_queue (id, method, url) overriding system value"
                                + " values (99, 'GET', 'http://a.example')"))
                .isInstanceOf(TestDatabase.Failed.class);
        assertThat(database.one("select identity <> 'copied' from net.bridge_control"))
                .isEqualTo("t");
    }

    /** As {@code pg_dump --schema-only}, restored, and then install. */
    @Test
    void tablesWithoutTheirDataAreNamed() {
        TestDatabase database = TestPostgres.shared().installed();
        database.run("delete from net.schema_step");
        assertThatThrownBy(() -> TestPostgres.install(database))
                .extracting(DatabaseFailure::reason)
                .asString()
                .contains("restored without their data", "--adopt keep or discard");
    }

    @Test
    void installWarnsOfWhatCopiesTheSchema() {
        TestDatabase database = TestPostgres.shared().installed();
        assertThat(Schema.warnings(database.url()).block()).isEmpty();
        database.run(
                "create publication everything for all tables; create publication nothing for tables in schema public;"
                        + "create publication responses for table net._http_response");
        assertThat(Schema.warnings(database.url()).block())
                .hasSize(2)
                .allMatch(warning -> warning.contains("sends the changes of schema net"));
        database.run("drop publication everything, nothing, responses");
    }

    private static void copy(TestDatabase from, TestDatabase to, String table) throws IOException, SQLException {
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        try (Connection source = from.connect();
                Connection sink = to.connect()) {
            source.unwrap(PGConnection.class).getCopyAPI().copyOut("copy " + table + " to stdout", rows);
            sink.unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("copy " + table + " from stdin", new ByteArrayInputStream(rows.toByteArray()));
        }
    }
}
