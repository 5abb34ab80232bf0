package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A table with a webhook under 32 clients that write to it. */
class WebhookIT {

    private static final int CLIENTS = 32;
    private static final int ROUNDS = 30;

    private static TestPostgres postgres;

    private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    private TestDatabase database;
    private Target target;

    @BeforeAll
    static void startPostgres() {
        postgres = TestPostgres.start("17", Map.of("fsync", "on", "synchronous_commit", "on"));
    }

    @AfterAll
    static void stopPostgres() {
        postgres.stop();
    }

    @BeforeEach
    void begin() {
        database = postgres.installed();
        database.run("create table item (id text primary key, note text)");
        target = new Target();
    }

    @AfterEach
    void end() throws IOException {
        clients.shutdownNow();
        target.close();
    }

    /** Each change has a note of its own, which is compared; what was rolled back has one as well. */
    @Test
    void whatIsCommittedArrivesAndWhatIsRolledBackDoesNot() throws Exception {
        database.run("select net.create_webhook('item', 'item', '{insert,update,delete}', '" + target.url("/")
                + "', ordering_key := 'id')");
        Set<String> committed = ConcurrentHashMap.newKeySet();
        AtomicInteger rolledBack = new AtomicInteger();
        try (BridgeProcess one = bridge();
                BridgeProcess two = bridge()) {
            List<Future<?>> writers = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                int number = client;
                writers.add(clients.submit(() -> {
                    write(number, committed, rolledBack);
                    return null;
                }));
            }
            awaitCount(500);
            one.kill();
            try (BridgeProcess three = bridge()) {
                assertThat(three).isNotNull();
                awaitCount(1000);
                two.kill();
                await(writers);
                Awaitility.await()
                        .atMost(Duration.ofMinutes(3))
                        .until(() -> database.one("select count(*) from net.http_request_queue")
                                .equals("0"));
            }
        }
        assertThat(rolledBack.get()).isPositive();
        assertThat(committed).hasSize(CLIENTS * ROUNDS * 3);
        assertThat(target.requests().stream().map(WebhookIT::change).collect(Collectors.toSet()))
                .isEqualTo(committed);
        // Each row's changes in their order, whatever was sent twice.
        assertThat(changesByRow())
                .hasSize(CLIENTS * ROUNDS)
                .allSatisfy((id, changes) -> assertThat(changes).containsExactly("INSERT", "UPDATE", "DELETE"));
    }

    private Map<String, List<String>> changesByRow() {
        Map<String, List<String>> byRow = new HashMap<>();
        for (Target.Request request : target.requests()) {
            JsonNode body = JsonMapper.shared().readTree(request.text());
            String type = body.get("type").asString();
            JsonNode row = type.equals("DELETE") ? body.get("old_record") : body.get("record");
            List<String> changes = byRow.computeIfAbsent(row.get("id").asString(), id -> new ArrayList<>());
            if (changes.isEmpty() || !changes.get(changes.size() - 1).equals(type)) {
                changes.add(type);
            }
        }
        return byRow;
    }

    private BridgeProcess bridge() {
        return BridgeProcess.run(database, "--lease", "3s");
    }

    private void awaitCount(int count) {
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> target.count() >= count);
    }

    private static void await(List<Future<?>> writers) throws InterruptedException, ExecutionException {
        for (Future<?> writer : writers) {
            writer.get();
        }
    }

    /** Inserts, changes and deletes rows, each in a transaction of its own, and some that are rolled back between them. */
    private void write(int client, Set<String> committed, AtomicInteger rolledBack) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int round = 0; round < ROUNDS; round++) {
                String id = client + "-" + round;
                String first = "first of " + id + " " + "x".repeat(round * 200);
                String second = "second of " + id;
                statement.execute("insert into item values ('" + id + "', '" + first + "')");
                connection.commit();
                committed.add("INSERT " + first + " null");
                statement.execute("update item set note = 'never' where id = '" + id + "'");
                connection.rollback();
                rolledBack.incrementAndGet();
                statement.execute("update item set note = '" + second + "' where id = '" + id + "'");
                connection.commit();
                committed.add("UPDATE " + second + " " + first);
                statement.execute("delete from item where id = '" + id + "'");
                connection.commit();
                committed.add("DELETE null " + second);
            }
        }
    }

    private static String change(Target.Request request) {
        JsonNode body = JsonMapper.shared().readTree(request.text());
        return body.get("type").asString() + " " + note(body.get("record")) + " " + note(body.get("old_record"));
    }

    private static String note(JsonNode row) {
        return row.isNull() ? "null" : row.get("note").asString();
    }

    /**
     * In one run: the same table with it, and without. What is sent meanwhile is sent on the same machine, so nothing is. The barest
     * table there is, where all that a commit does is one row; and one as applications have it, a row of it in a transaction. Beside
     * them the least that a row in the queue can cost: a trigger that inserts it, unchecked, into a copy of the queue. The bounds
     * are half of what was measured: on two cores beside other load one round is a third from the next.
     */
    @Test
    void aWriterPaysForOneRowMore() throws Exception {
        database.run("create table plain (id bigint generated always as identity primary key, note text);"
                + "create table hooked (like plain including all);"
                + "create table minimal (like plain including all);"
                + "create table queue_copy (like net.http_request_queue including all);"
                + "create function minimal() returns trigger language plpgsql as $$ begin insert into queue_copy (method, url,"
                + " headers, body, host) values ('POST', 'http://127.0.0.1/', '{}', convert_to(json_build_object('type', tg_op,"
                + " 'record', row_to_json(new))::text, 'UTF8'), '127.0.0.1'); return null; end $$;"
                + "create trigger minimal after insert on minimal for each row execute function minimal();"
                + "create table customer (id int primary key, orders int not null default 0);"
                + "insert into customer (id) select generate_series(1, 10000);"
                + "create table plain_order (id bigint generated always as identity primary key, customer int references customer,"
                + " note text, total numeric, created timestamptz default now());"
                + "create index on plain_order (customer); create index on plain_order (created);"
                + "create table hooked_order (like plain_order including all);"
                + "alter table hooked_order add foreign key (customer) references customer;"
                + "select net.create_webhook(t, t::regclass, '{insert}', '" + target.url("/")
                + "') from unnest('{hooked,hooked_order}'::text[]) t; select net.pause()");
        try (BridgeProcess polls = bridge()) {
            assertThat(polls).isNotNull();
            assertThat(ratio("one row", "plain", "hooked", WebhookIT::row)).isGreaterThan(0.2);
            assertThat(ratio("an order", "plain_order", "hooked_order", WebhookIT::order))
                    .isGreaterThan(0.25);
            assertThat(ratio("one row, by the least of a trigger", "plain", "minimal", WebhookIT::row))
                    .isGreaterThan(0.2);
        }
    }

    private static String row(String table) {
        return "insert into " + table + " (note) values ('a note of some length')";
    }

    private static String order(String table) {
        int customer = ThreadLocalRandom.current().nextInt(1, 10_001);
        return "begin; select orders from customer where id = " + customer + "; insert into " + table
                + " (customer, note, total) values (" + customer + ", 'a note of some length', 12.50);"
                + " update customer set orders = orders + 1 where id = " + customer + "; commit";
    }

    private double ratio(String what, String plainTable, String hookedTable, Function<String, String> statement)
            throws Exception {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < 4; round++) {
            double plain = perSecond(plainTable, statement);
            double hooked = perSecond(hookedTable, statement);
            // The first warms up.
            if (round > 0) {
                ratios.add(hooked / plain);
            }
            System.out.printf("%s: commits a second: %.0f without the trigger, %.0f with it%n", what, plain, hooked);
        }
        ratios.sort(null);
        System.out.printf("%s: with the trigger %.2f of the commits without it%n", what, ratios.get(1));
        return ratios.get(1);
    }

    /** Each client stays connected, as those of an application's pool; its first statement, for which its session reads what it needs, is not counted. */
    private double perSecond(String table, Function<String, String> sql) throws Exception {
        CountDownLatch ready = new CountDownLatch(CLIENTS);
        AtomicLong start = new AtomicLong();
        AtomicInteger commits = new AtomicInteger();
        List<Future<?>> writers = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            writers.add(clients.submit(() -> {
                try (Connection connection = database.connect();
                        Statement statement = connection.createStatement()) {
                    statement.execute(sql.apply(table));
                    ready.countDown();
                    assertThat(ready.await(60, TimeUnit.SECONDS)).isTrue();
                    start.compareAndSet(0, System.nanoTime());
                    long until = start.get() + Duration.ofSeconds(2).toNanos();
                    while (System.nanoTime() < until) {
                        statement.execute(sql.apply(table));
                        commits.incrementAndGet();
                    }
                }
                return null;
            }));
        }
        await(writers);
        return commits.get() * 1e9 / (System.nanoTime() - start.get());
    }
}
