package io.pgnetty.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Results, status, cancelling, and the functions about the bridge. */
@ParameterizedClass
@MethodSource("io.pgnetty.contract.Backend#all")
class ResultContractTest extends Contract {

    @Test
    void underWayIsPendingAndInFlight() {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/", latch);
        String id = queue("select net.http_get('" + target.url("/") + "')");
        Awaitility.await().until(() -> target.count() == 1);

        assertThat(database.one("select (net.http_get_result(" + id + ")).status"))
                .isEqualTo("PENDING");
        assertThat(database.one("select net.http_request_status(" + id + ")")).isEqualTo("in_flight");
        assertThat(database.one("select net.cancel(" + id + ")")).isEqualTo("f");
        assertThat(database.rows("select status, message from net.http_get_result(" + id + ", false, 50)")
                        .get(0))
                .containsExactly("PENDING", "request is still under way after 50 ms");
        latch.countDown();
        assertThat(result(id).status()).isEqualTo("SUCCESS");
        assertThat(database.one("select net.http_request_status(" + id + ")")).isEqualTo("succeeded");
    }

    @Test
    void pgNetsLaterNamesAreTheSame() {
        String id = send("select net.http_get('" + target.url("/") + "')").id();

        assertThat(database.one("select (net._http_collect_response(" + id + ")).status"))
                .isEqualTo("SUCCESS");
        assertThat(database.one("select (net.http_collect_response(" + id + ", async := false)).status"))
                .isEqualTo("SUCCESS");
    }

    @Test
    void unknownIdsAreSaidSoAtOnce() {
        long started = System.nanoTime();
        for (String id : new String[] {"987654321", "-1", "null"}) {
            Result result = result(id);
            assertThat(result.status()).isEqualTo("ERROR");
            assertThat(result.message()).endsWith("not found");
            assertThat(database.one("select net.http_request_status(" + id + ")"))
                    .isEqualTo("unknown");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void waitingWhereItCouldNeverEndRaises() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            String id = TestDatabase.rows(statement, "select net.http_get('" + target.url("/") + "')")
                    .get(0)
                    .get(0);
            assertThatThrownBy(() -> statement.execute("select net.http_get_result(" + id + ", false)"))
                    .hasMessageContaining("queued in this transaction");
            connection.rollback();
            statement.execute("savepoint s");
            String inner = TestDatabase.rows(statement, "select net.http_get('" + target.url("/") + "')")
                    .get(0)
                    .get(0);
            assertThatThrownBy(() -> statement.execute("select net.http_get_result(" + inner + ", false)"))
                    .hasMessageContaining("queued in this transaction");
            connection.rollback();
            for (String level : List.of("repeatable read", "serializable")) {
                statement.execute("set transaction isolation level " + level);
                assertThatThrownBy(() -> statement.execute("select net.http_get_result(1, false)"))
                        .hasMessageContaining(level);
                connection.rollback();
            }
            statement.execute("set transaction isolation level repeatable read");
            assertThat(TestDatabase.rows(statement, "select net.http_get_result(987654321)"))
                    .hasSize(1);
            connection.rollback();
        }
        assertThat(target.count()).isZero();
    }

    @Test
    void cancelTakesBackWhatIsNotSent() throws SQLException {
        try (Connection connection = database.as("alice").connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            String id = TestDatabase.rows(statement, "select net.http_get('" + target.url("/") + "')")
                    .get(0)
                    .get(0);
            assertThat(database.as("bob").one("select net.cancel(" + id + ")")).isEqualTo("f");
            assertThat(TestDatabase.rows(statement, "select net.cancel(" + id + ")")
                            .get(0)
                            .get(0))
                    .isEqualTo("t");
            connection.commit();

            assertThat(database.one("select net.http_request_status(" + id + ")"))
                    .isEqualTo("cancelled");
            assertThat(result(id).message()).isEqualTo("Cancelled by alice");
            assertThat(database.one("select net.cancel(" + id + ")")).isEqualTo("f");
        }
        assertThat(target.count()).isZero();
    }

    @Test
    void aResponseThatCannotBeStoredIsKeptWithItsReasonAndHarmsNoOther() {
        database.run("create or replace function public.refuse_teapots() returns trigger language plpgsql as"
                + " $$ begin if new.status_code = 418 then raise exception 'no teapots'; end if; return new; end $$;"
                + " create trigger teapots before insert on net._http_response for each row"
                + " execute function public.refuse_teapots()");
        try {
            target.respond("/teapot", 418, java.util.Map.of(), new byte[0]);
            List<List<String>> ids = database.rows("select net.http_get(u) from unnest(array['" + target.url("/teapot")
                    + "', '" + target.url("/a") + "', '" + target.url("/b") + "']) u");

            assertThat(result(ids.get(1).get(0)).status()).isEqualTo("SUCCESS");
            assertThat(result(ids.get(2).get(0)).status()).isEqualTo("SUCCESS");
            Result teapot = result(ids.get(0).get(0));
            assertThat(teapot.status()).isEqualTo("ERROR");
            assertThat(teapot.message()).contains("could not be stored", "no teapots");
            assertThat(database.one("select net.http_request_status(" + teapot.id() + ")"))
                    .isEqualTo("failed");
        } finally {
            database.run("drop trigger teapots on net._http_response");
        }
    }

    @Test
    void theBridgeIsThere() {
        database.run("select net.wait_until_running(); select net.check_worker_is_up(); select net.wake()");
        assertThat(database.one("select state from net.bridges where seen > now() - interval '15 s'"))
                .isEqualTo("running");
    }

    @Test
    void restartReconnectsAndGoesOn() {
        database.run("update net.bridge_control set restart_asked = '-infinity'");
        int before = bridge.events(io.pgnetty.observe.Event.Listening.class).size();
        assertThat(database.as("alice").one("select net.worker_restart()")).isEqualTo("t");
        assertThat(database.as("alice").one("select net.worker_restart()")).isEqualTo("f");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() ->
                        bridge.events(io.pgnetty.observe.Event.Listening.class).size() > before);

        assertThat(send("select net.http_get('" + target.url("/") + "')").status())
                .isEqualTo("SUCCESS");
    }
}
