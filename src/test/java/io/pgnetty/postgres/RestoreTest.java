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
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /** What a dump has last. */
    @ParameterizedTest
    @CsvSource({
        "drop index net.http_request_queue_due_idx, index http_request_queue_due_idx",
        "alter table net.bridges drop constraint bridges_pkey, index bridges_pkey",
        "drop trigger accept_request on net.http_request_queue, trigger accept_request of net.http_request_queue",
        "alter table net.http_request_queue disable trigger notify_bridges, trigger notify_bridges of net.http_request_queue",
        "drop policy own on net.dead_letter, row-level security of net.dead_letter",
        "alter table net._http_response disable row level security, row-level security of net._http_response",
    })
    void aRestoreThatWasCutShortIsRefused(String missing, String named) {
        TestDatabase database = TestPostgres.shared().installed();
        database.run(missing);
        assertThatThrownBy(() -> TestBridge.start(database))
                .extracting(Exceptions::unwrap)
                .isInstanceOfSatisfying(
                        NotReadyException.class,
                        refused -> assertThat(refused.getMessage()).contains("not whole", named, "pgnetty install"));
        assertThatThrownBy(() -> TestPostgres.install(database))
                .extracting(DatabaseFailure::reason)
                .asString()
                .contains("not whole", named, "drop schema net cascade");
    }

    /** No list of ours is older than the schema. */
    @Test
    void allPartsAreLookedFor() throws IOException {
        String lists = Files.readString(Path.of("sql/internal/missing_parts.sql"));
        TestDatabase database = TestPostgres.shared().installed();
        assertThat(database.rows("select net.missing_parts()")).isEmpty();
        assertThat(
                        database.rows(
                                "select quote_literal(c.relname) from pg_class c where c.relkind = 'i'"
                                        + " and c.relnamespace = 'net'::regnamespace and c.relname <> 'replicas_pkey'"
                                        + " union select format('(%L, %L)', t.tgname, c.relname) from pg_trigger t join pg_class c on c.oid = t.tgrelid"
                                        + " where c.relnamespace = 'net'::regnamespace and not t.tgisinternal"
                                        + " union select quote_literal(c.relname) from pg_class c where c.relnamespace = 'net'::regnamespace and c.relrowsecurity"))
                .hasSizeGreaterThan(40)
                .allSatisfy(part -> assertThat(lists).contains(part.get(0)));
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
