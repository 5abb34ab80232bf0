package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests with an ordering_key: one at a time, in the order of their ids, over all bridges and whatever becomes of them. */
class OrderTest {

    private TestDatabase database;
    private Target target;
    private final List<AutoCloseable> bridges = new ArrayList<>();

    @BeforeEach
    void begin() {
        database = TestPostgres.shared().empty();
        for (String role : List.of("order_alice", "order_bob")) {
            database.run("do $$ begin create role " + role + " login password '" + role
                    + "'; exception when duplicate_object then null; end $$");
        }
        TestPostgres.install(database, "order_alice", "order_bob");
        target = new Target();
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable bridge : bridges) {
            bridge.close();
        }
        target.close();
    }

    @Test
    void oneAtATimeInOrderOverAllBridges() {
        Map<String, Integer> inFlight = new ConcurrentHashMap<>();
        ConcurrentLinkedQueue<String> together = new ConcurrentLinkedQueue<>();
        target.on("/", (request, out, socket) -> {
            String key = request.text().substring(0, request.text().indexOf(' '));
            if (inFlight.merge(key, 1, Integer::sum) > 1) {
                together.add(request.text());
            }
            Thread.sleep(ThreadLocalRandom.current().nextInt(15));
            inFlight.merge(key, -1, Integer::sum);
            answer(out, ThreadLocalRandom.current().nextInt(8) == 0 ? 503 : 200);
            return true;
        });
        start(2);
        database.run("select net.http_request('POST', '" + target.url("/") + "',"
                + " body_text := format('%s %s %s', i % 20, i, repeat('x', i * 10)), ordering_key := 'key ' || i % 20,"
                + " max_attempts := 20, priority := i % 7) from generate_series(1, 400) i");
        awaitEmpty();

        assertThat(together).isEmpty();
        for (int key = 0; key < 20; key++) {
            assertThat(arrived(key + " ")).containsExactlyElementsOf(sent(key));
        }
    }

    /** Each once, as retries follow one another. */
    private List<String> arrived(String prefix) {
        List<String> texts = new ArrayList<>();
        for (Target.Request request : target.requests()) {
            String text = request.text();
            if (text.startsWith(prefix)
                    && (texts.isEmpty() || !texts.get(texts.size() - 1).equals(text))) {
                texts.add(text);
            }
        }
        return texts;
    }

    private static List<String> sent(int key) {
        return IntStream.rangeClosed(1, 400)
                .filter(i -> i % 20 == key)
                .mapToObj(i -> key + " " + i + " " + "x".repeat(i * 10))
                .toList();
    }

    @Test
    void aRetryHoldsUpItsKeyAloneAndADeadLetterIsSkipped() {
        target.inTurn("/fails", Map.of("Retry-After", "1"), 503, 500, 200);
        start(1);
        queue("a", "/fails", "max_attempts := 2");
        queue("a", "/", "body_text := 'after it'");
        queue("b", "/", "body_text := 'of another key'");
        Awaitility.await().until(() -> texts().contains("of another key"));
        assertThat(texts()).doesNotContain("after it");
        awaitEmpty();
        assertThat(texts()).containsExactly("", "of another key", "", "after it");
        assertThat(database.one("select count(*) from net.dead_letter")).isEqualTo("1");
    }

    @Test
    void aDeadLetterHaltsItsKeyUntilItIsRedelivered() {
        target.inTurn("/fails", Map.of(), 500, 200);
        start(1);
        TestDatabase alice = database.as("order_alice");
        String id = queue(alice, "a", "/fails", "body_text := 'first', keep_failed := true, on_dead := 'halt'");
        queue(alice, "a", "/", "body_text := 'second'");
        queue(database.as("order_bob"), "a", "/", "body_text := 'of bob'");
        Awaitility.await().until(() -> texts().contains("of bob"));
        Awaitility.await()
                .until(() ->
                        alice.one("select net.http_request_status(" + id + ")").equals("dead"));
        queue(alice, "a", "/", "body_text := 'third'");
        await(alice, "select count(*) from net.my_requests where status = 'blocked'", "2");

        assertThat(database.as("order_bob").one("select net.discard(" + id + ")"))
                .isEqualTo("f");
        String again = alice.one("select net.redeliver(" + id + ")");
        assertThat(Long.parseLong(again)).isGreaterThan(Long.parseLong(id));
        awaitEmpty();
        assertThat(texts().stream().filter(text -> !text.equals("of bob")))
                .containsExactly("first", "first", "second", "third");
    }

    @Test
    void whatIsDiscardedOrExpiredHaltsNobody() {
        target.inTurn("/fails", Map.of(), 500);
        start(1);
        String id = queue("a", "/fails", "max_attempts := 1, keep_failed := true, on_dead := 'halt'");
        queue("a", "/", "body_text := 'after it'");
        await(database, "select net.http_request_status(" + id + ")", "dead");
        await(database, "select count(*) from net.http_request_queue where state = 'behind'", "1");
        assertThat(database.one("select net.discard(" + id + ")")).isEqualTo("t");
        awaitEmpty();
        assertThat(texts()).endsWith("after it");

        String second = queue("a", "/fails", "keep_failed := true, on_dead := 'halt'");
        queue("a", "/", "body_text := 'after the second'");
        await(database, "select net.http_request_status(" + second + ")", "dead");
        database.run("delete from net.dead_letter");
        awaitEmpty();
        assertThat(texts()).endsWith("after the second");
    }

    @Test
    void aScheduleHoldsUpItsKey() {
        start(1);
        queue("a", "/", "body_text := 'first', not_before := now() + interval '1 s'");
        queue("a", "/", "body_text := 'second'");
        awaitEmpty();
        assertThat(texts()).containsExactly("first", "second");
    }

    @Test
    void aCancelLetsTheNextGo() throws SQLException {
        String first = queue("a", "/", "body_text := 'first'");
        String second = queue("a", "/", "body_text := 'second', not_before := now() + interval '1 day'");
        String third = queue("a", "/", "body_text := 'third'");
        start(1);
        await(database, "select state from net.http_request_queue where id = " + second, "waiting");
        assertThat(database.one("select net.cancel(" + first + ")")).isEqualTo("f");
        assertThat(database.one("select net.http_request_status(" + third + ")"))
                .isEqualTo("blocked");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            assertThat(TestDatabase.rows(statement, "select net.cancel(" + second + ")"))
                    .containsExactly(List.of("t"));
            connection.rollback();
            assertThat(texts()).containsExactly("first");
            assertThat(TestDatabase.rows(statement, "select net.cancel(" + second + ")"))
                    .containsExactly(List.of("t"));
            connection.commit();
        }
        awaitEmpty();
        assertThat(texts()).containsExactly("first", "third");
    }

    /** The next in order is about to be cancelled by somebody who has not decided: it is waited for, others are not. */
    @Test
    void anOpenCancelOfTheNextHoldsUpItsKeyAlone() throws SQLException {
        CountDownLatch latch = new CountDownLatch(1);
        target.hold("/held", latch);
        start(1);
        queue("a", "/held", "body_text := 'first'");
        String second = queue("a", "/", "body_text := 'second'");
        queue("a", "/", "body_text := 'third'");
        await(database, "select count(*) from net.http_request_queue where state = 'behind'", "2");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            assertThat(TestDatabase.rows(statement, "select net.cancel(" + second + ")"))
                    .containsExactly(List.of("t"));
            latch.countDown();
            queue("b", "/", "body_text := 'of another key'");
            Awaitility.await().until(() -> texts().contains("of another key"));
            await(database, "select count(*) from net.ordering_turn where at > clock_timestamp()", "1");
            connection.rollback();
        }
        awaitEmpty();
        assertThat(texts()).containsExactly("first", "of another key", "second", "third");
    }

    @Test
    void oneWithAnIdempotencyKeyKeepsItsPlace() throws SQLException {
        start(1);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(call("a", "/", "body_text := 'the same', idempotency_key := 'i'"));
            String unsure = queue("a", "/", "body_text := 'the same', idempotency_key := 'i'");
            queue("a", "/", "body_text := 'after it'");
            assertThat(database.one("select state from net.http_request_queue where id = " + unsure))
                    .isEqualTo("keyed");
            connection.rollback();
        }
        awaitEmpty();
        assertThat(texts()).containsExactly("the same", "after it");
    }

    @Test
    void oneThatIsCommittedLateComesWhenItIsThere() throws SQLException {
        start(1);
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(call("a", "/", "body_text := 'begun first'"));
            queue("a", "/", "body_text := 'committed first'");
            awaitEmpty();
            connection.commit();
        }
        awaitEmpty();
        assertThat(texts()).containsExactly("committed first", "begun first");
    }

    @Test
    void aParkedRequestIsSkippedOrHalts() {
        start(1);
        for (String onDead : List.of("skip", "halt")) {
            String id = queue(
                    onDead,
                    "/",
                    "body_text := 'parked', not_before := now() + interval '1 day',"
                            + " keep_failed := true, on_dead := '" + onDead + "'");
            queue(onDead, "/", "body_text := 'after " + onDead + "'");
            await(database, "select state from net.http_request_queue where id = " + id, "waiting");
            database.run("select net.park(" + id + ", 'by the test'); select net.wake()");
        }
        Awaitility.await().until(() -> texts().contains("after skip"));
        await(database, "select count(*) from net.http_request_queue where state = 'behind'", "1");
        assertThat(texts()).containsExactly("after skip");
        database.run("delete from net.http_request_queue where state = 'parked'; select net.wake()");
        awaitEmpty();
        assertThat(texts()).containsExactly("after skip", "after halt");
    }

    @Test
    void aRowInTheQueueItselfHasNoOtherPlace() {
        TestDatabase alice = database.as("order_alice");
        assertThatThrownBy(() -> alice.run("insert into net.http_request_queue (method, url, ordering_key)"
                        + " values ('GET', '" + target.url("/") + "', 'a')"))
                .hasMessageContaining("permission denied");
        alice.run("insert into net.new_request (method, url, ordering_key, state) values ('GET', '" + target.url("/")
                + "', 'a', 'due'), ('GET', '" + target.url("/") + "', 'a', 'waiting')");
        assertThat(database.rows("select distinct state, ordering_id = id from net.http_request_queue"))
                .containsExactly(List.of("ordered", "t"));
    }

    @Test
    void badArgumentsAreRefusedInTheCall() {
        assertThatThrownBy(() -> queue("", "/", "max_attempts := 1"))
                .hasMessageContaining("ordering_key must have 1 to 512 characters, not 0");
        assertThatThrownBy(() -> queue("x".repeat(513), "/", "max_attempts := 1"))
                .hasMessageContaining("not 513");
        assertThatThrownBy(() -> queue("a", "/", "on_dead := 'stop'"))
                .hasMessageContaining("on_dead must be skip or halt, not \"stop\"");
        assertThatThrownBy(() -> queue("a", "/", "on_dead := 'halt'")).hasMessageContaining("it needs keep_failed");
        assertThatThrownBy(() -> database.run("select net.http_request('GET', '" + target.url("/")
                        + "', on_dead := 'halt', keep_failed := true)"))
                .hasMessageContaining("holds up an ordering_key: give one");
        String long512 = "\uD83D\uDE80".repeat(512);
        queue(long512, "/", "body_text := 'rocket'");
        start(1);
        awaitEmpty();
        assertThat(texts()).containsExactly("rocket");
    }

    private void start(int number) {
        for (int n = 0; n < number; n++) {
            bridges.add(TestBridge.start(database));
        }
    }

    private String call(String key, String path, String options) {
        return "select net.http_request('POST', '" + target.url(path) + "', ordering_key := '" + key + "', " + options
                + ")";
    }

    private String queue(String key, String path, String options) {
        return queue(database, key, path, options);
    }

    private String queue(TestDatabase as, String key, String path, String options) {
        return as.one(call(key, path, options));
    }

    private List<String> texts() {
        return target.requests().stream().map(Target.Request::text).toList();
    }

    private static void await(TestDatabase database, String sql, String value) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> value.equals(database.one(sql)));
    }

    private void awaitEmpty() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> database.one("select count(*) from net.http_request_queue")
                        .equals("0"));
    }

    private static void answer(java.io.OutputStream out, int status) throws IOException {
        out.write(
                ("HTTP/1.1 " + status + " Whatever\r\nContent-Length: 0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }
}
