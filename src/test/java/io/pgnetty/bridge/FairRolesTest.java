package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one role queues does not keep the requests of another. */
class FairRolesTest {

    private static final String FLOOD = "fair_flood";
    private static final String OTHER = "fair_other";
    private static final String THIRD = "fair_third";

    /** The other role's request is answered within this, whatever the flood does; a claim and a send take milliseconds. */
    private static final Duration SOON = Duration.ofSeconds(3);

    private final CountDownLatch silence = new CountDownLatch(1);
    private final List<AutoCloseable> open = new ArrayList<>();
    private TestDatabase database;
    private TestDatabase flood;
    private TestDatabase other;
    private Target target;

    @BeforeEach
    void begin() {
        database = TestPostgres.shared().empty();
        for (String role : List.of(FLOOD, OTHER, THIRD)) {
            database.run("do $$ begin create role " + role + " login password '" + role
                    + "'; exception when duplicate_object or unique_violation then null; end $$");
        }
        TestPostgres.install(database, FLOOD, OTHER, THIRD);
        flood = database.as(FLOOD);
        other = database.as(OTHER);
        target = target();
    }

    @AfterEach
    void end() throws Exception {
        silence.countDown();
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    /** The first of the trials: 384 requests to six silent hosts took all 256 slots for an hour. */
    @Test
    void requestsThatRunForLongLeaveSlotsForRolesThatComeLater() {
        start(Map.of());
        List<String> silent = silentHosts(6);
        silent.forEach(url -> queueSlow(flood, url, 64));
        Awaitility.await().untilAsserted(() -> assertThat(inFlight(FLOOD)).isEqualTo(192));
        answered(other, 10);
        // The second does the same, and there are slots for a third.
        silentHosts(6).forEach(url -> queueSlow(other, url, 64));
        Awaitility.await().until(() -> inFlight(OTHER) == 48);
        answered(database.as(THIRD), 10);
        answered(flood, 1);
        assertThat(inFlight(FLOOD)).isEqualTo(192);
    }

    @Test
    void whereNobodyElseMayQueueARoleGetsEverySlot() {
        database = TestPostgres.shared().installed();
        start(Map.of(Setting.CONCURRENCY, "40"));
        silentHosts(2).forEach(url -> queueSlow(database, url, 30));
        Awaitility.await()
                .until(() -> database.one("select sum(cardinality(ids)) from net.lease")
                        .equals("40"));
    }

    /** 30,000 hosts that are refused, or 1,280 requests at the highest priority, held up the others for 19 s. */
    @Test
    void manyHostsAndHighPrioritiesKeepNobodyElse() {
        start(Map.of());
        flood.run(
                "select count(net.http_get('http://10.' || i / 250 || '.' || i % 250 || '.1/')) from generate_series(1, 10000) i");
        answered(other, 20);
        flood.run("select count(net.http_request('GET', '" + target.url("/flood") + "', priority := 1000))"
                + " from generate_series(1, 5000)");
        answered(other, 20);
        assertThat(Integer.parseInt(database.one("select count(*) from net.http_request_queue")))
                .isPositive();
    }

    /** A schedule, too: of what becomes due at one moment each role has its part. */
    @Test
    void manyRequestsThatBecomeDueTogetherKeepNobodyElse() {
        flood.run("select count(net.http_request('GET', 'http://h/', not_before := now() + interval '1 h'))"
                + " from generate_series(1, 3000)");
        other.run("select net.http_request('GET', 'http://h/', not_before := now() + interval '1 h')");
        database.run("update net.http_request_queue set due_at = now() - interval '1 s' - interval '1 h' / id");
        assertThat(database.one("select net.promote(1000)")).isEqualTo("501");
        assertThat(database.one("select state from net.http_request_queue where queued_by = '" + OTHER + "'::regrole"))
                .isEqualTo("due");
    }

    @Test
    void twoRolesShareAHost() {
        CountDownLatch latch = new CountDownLatch(1);
        Target shared = target();
        shared.hold("/flood", silence);
        shared.hold("/other", latch);
        database.run("select net.set_host_rule('*', max_in_flight := 10)");
        start(Map.of());
        flood.run("select count(net.http_get('" + shared.url("/flood") + "', timeout_milliseconds := 9000))"
                + " from generate_series(1, 8)");
        Awaitility.await().until(() -> inFlight(FLOOD) == 8);
        other.run("select count(net.http_get('" + shared.url("/other") + "', timeout_milliseconds := 9000))"
                + " from generate_series(1, 8)");
        flood.run("select count(net.http_get('" + shared.url("/flood") + "', timeout_milliseconds := 9000))"
                + " from generate_series(1, 8)");
        // The two slots that are left are not the flood's.
        Awaitility.await().until(() -> inFlight(OTHER) == 2);
        assertThat(inFlight(FLOOD)).isEqualTo(8);
        latch.countDown();
        Awaitility.await()
                .until(() ->
                        other.one("select count(*) from net._http_response").equals("8"));
    }

    @Test
    void theRuleOfARoleHoldsOverAllBridges() {
        target.on("/", (request, out, socket) -> {
            Thread.sleep(20);
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        });
        database.run("select net.set_role_rule('" + FLOOD + "', max_in_flight := 5)");
        start(Map.of());
        start(Map.of());
        flood.run("select count(net.http_get('" + target.url("/") + "')) from generate_series(1, 200)");
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> target.count() == 200);
        assertThat(target.mostInFlight()).isEqualTo(5);

        database.run("select net.set_role_rule('" + FLOOD + "', per_second := 50)");
        long started = System.nanoTime();
        flood.run("select count(net.http_get('" + target.url("/") + "')) from generate_series(1, 100)");
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> target.count() == 300);
        double seconds = (System.nanoTime() - started) / 1e9;
        // 95 of them at 50 a second, beside what a tenth of a second had let grow.
        assertThat(seconds).isGreaterThan(1.85);
        answered(other, 20);

        database.run("select net.set_role_rule('" + FLOOD + "', max_in_flight := 0)");
        flood.run("select net.http_get('" + target.url("/") + "')");
        answered(other, 20);
        assertThat(database.one("select count(*) from net.http_request_queue")).isEqualTo("1");
        assertThat(database.one("select net.drop_role_rule('" + FLOOD + "')")).isEqualTo("t");
        Awaitility.await()
                .until(() -> database.one("select count(*) from net.http_request_queue")
                        .equals("0"));
    }

    @Test
    void aFullQueueHasRoomForRolesThatComeLater() {
        start(Map.of(Setting.MAX_QUEUED, "100"));
        database.run("select net.pause()");
        assertThat(room(flood)).isEqualTo(100);
        // A quarter more, and of that three quarters of what the others leave.
        assertThat(room(other)).isEqualTo(19);
        assertThat(room(database.as(THIRD))).isEqualTo(5);
        assertThatThrownBy(() -> queueOne(flood)).hasMessageContaining("--max-queued");
        flood.run("select net.cancel(id) from net.my_requests limit 30");
        // Six to the limit, and then three quarters of what the 75 of the others leave of 125.
        assertThat(room(other)).isEqualTo(38 - 19);
    }

    @Test
    void theRuleOfARoleHoldsInTheQueue() {
        start(Map.of());
        database.run("select net.pause(); select net.set_role_rule('" + FLOOD + "', max_queued := 50)");
        assertThat(room(flood)).isEqualTo(50);
        assertThatThrownBy(() -> queueOne(flood))
                .hasMessageContaining("set_role_rule")
                .hasMessageContaining("50 requests");
        // Also what waits for its time, and what is inserted; and nobody signs for more.
        assertThatThrownBy(() -> flood.run("select set_config('pgnetty.room', '99999999 0123', false);"
                        + " insert into net.http_request_queue (method, url) values ('GET', 'http://h/')"))
                .hasMessageContaining("set_role_rule");
        other.run("select count(net.http_get('http://h/')) from generate_series(1, 500)");
        flood.run("select net.cancel(max(id)) from net.my_requests");
        queueOne(flood);
        assertThatThrownBy(() -> queueOne(flood)).hasMessageContaining("set_role_rule");
        database.run("select net.set_role_rule('" + FLOOD + "')");
        queueOne(flood);
        for (String bad : List.of(
                "null",
                "'nobody_at_all'",
                "'fair_flood', -1",
                "'fair_flood', null, 0",
                "'fair_flood', null, null, -1")) {
            assertThatThrownBy(() -> database.run("select net.set_role_rule(" + bad + ")"))
                    .as(bad)
                    .hasMessageMatching("(?s).*(must|does not exist).*");
        }
    }

    /** Each of them has three quarters alone; what one claim gives the other counts as well. */
    @Test
    void twoRolesThatComeTogetherLeaveSlotsFree() {
        List<String> silent = silentHosts(2);
        queueSlow(flood, silent.get(0), 64);
        queueSlow(other, silent.get(1), 64);
        start(Map.of(Setting.CONCURRENCY, "64"));
        Awaitility.await()
                .untilAsserted(
                        () -> assertThat(inFlight(FLOOD) + inFlight(OTHER)).isGreaterThan(48));
        answered(database.as(THIRD), 5);
        assertThat(inFlight(FLOOD) + inFlight(OTHER)).isLessThan(64);
    }

    /** A rule holds from its commit on, for sessions that were told of room before, and whatever was called meanwhile. */
    @Test
    void noCallOutlivesARule() throws SQLException {
        start(Map.of());
        database.run("select net.pause(); select net.set_role_rule('" + OTHER + "', max_queued := 1000)");
        try (Connection owner = database.connect();
                Connection session = flood.connect()) {
            Statement call = session.createStatement();
            call.execute("select net.http_get('http://h/')");
            owner.setAutoCommit(false);
            owner.createStatement().execute("select net.set_role_rule('" + FLOOD + "', max_queued := 3)");
            call.execute("select net.http_get('http://h/')");
            other.run("select net.http_get('http://h/')");
            owner.commit();
            call.execute("select net.http_get('http://h/')");
            assertThatThrownBy(() -> call.execute("select net.http_get('http://h/')"))
                    .hasMessageContaining("its limit of 3 requests");
        }
        // What is dropped leaves nothing behind.
        assertThat(database.one("select net.drop_role_rule('" + FLOOD + "')")).isEqualTo("t");
        assertThat(database.one("select net.drop_role_rule('" + OTHER + "')")).isEqualTo("t");
        assertThat(database.one("select pg_sequence_last_value('net.role_limits')"))
                .isEqualTo("0");
        assertThat(room(flood, 20)).isEqualTo(20);
    }

    @Test
    void manyRolesThatMayNotSendKeepNobodyElse() {
        database.run("select net.set_role_rule('" + FLOOD + "', max_in_flight := 0)");
        // As many roles as a claim looks at, and more, before the other one.
        database.run("insert into net.http_request_queue (method, url) select 'GET', 'http://paused.example/'"
                + " from generate_series(1, 150); select net.pause('paused.example');"
                + " set session_replication_role = replica;"
                + " update net.http_request_queue set queued_by = id::oid::regrole");
        start(Map.of());
        answered(other, 3);
    }

    /** net.fair_share: all that fits is chosen, nothing over a limit is, and who holds least is not passed over. */
    @Test
    void whoHoldsLeastComesFirst() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            int most = 1 + random.nextInt(12);
            List<Candidate> all = new ArrayList<>();
            int[] held = random.ints(3, 0, 12).toArray();
            int[] slowRooms = random.ints(3, 0, 4).toArray();
            int[] roleRooms = random.ints(3, 1, 9).toArray();
            boolean hostsAreTight = random.nextBoolean();
            int[] hostRooms = random.ints(3, 0, hostsAreTight ? 9 : 1)
                    .map(n -> hostsAreTight ? n : 100)
                    .toArray();
            for (int i = 0; i < random.nextInt(25); i++) {
                all.add(new Candidate(i, random.nextInt(3), random.nextInt(3), random.nextInt(4) == 0));
            }
            Set<Integer> chosen = database
                    .rows("select id from net.fair_share(" + most + ", 1000000, 1000, "
                            + array(all, Candidate::id) + ", " + array(all, Candidate::role) + ", "
                            + array(all, Candidate::host) + "::text[], "
                            + array(all, one -> one.slow() ? 1 : 0) + "::boolean[], " + array(all, one -> 1) + ", "
                            + array(all, one -> hostRooms[one.host()]) + ", " + array(all, one -> 0) + ", "
                            + array(all, one -> roleRooms[one.role()]) + ", " + array(all, one -> held[one.role()])
                            + ", "
                            + array(all, one -> slowRooms[one.role()]) + ") where chosen")
                    .stream()
                    .map(row -> Integer.parseInt(row.get(0)))
                    .collect(Collectors.toSet());
            String what = "seed " + seed + ": " + most + " of " + all + ", chosen " + chosen;
            int[] ofRole = count(all, chosen, Candidate::role);
            int[] ofHost = count(all, chosen, Candidate::host);
            int[] slow = count(all.stream().filter(Candidate::slow).toList(), chosen, Candidate::role);
            assertThat(chosen.size()).as(what).isLessThanOrEqualTo(most);
            for (int i = 0; i < 3; i++) {
                assertThat(ofRole[i]).as(what).isLessThanOrEqualTo(roleRooms[i]);
                assertThat(ofHost[i]).as(what).isLessThanOrEqualTo(hostRooms[i]);
                assertThat(slow[i]).as(what).isLessThanOrEqualTo(slowRooms[i]);
            }
            boolean anyMayGo = all.stream().anyMatch(one -> !one.slow() && hostRooms[one.host()] > 0);
            assertThat(!anyMayGo || !chosen.isEmpty()).as(what).isTrue();
            for (Candidate one : all) {
                if (hostsAreTight
                        || chosen.contains(one.id())
                        || one.slow()
                        || ofRole[one.role()] == roleRooms[one.role()]) {
                    continue;
                }
                // It might have gone: so the claim is full, of requests of roles that do not hold more.
                assertThat(chosen.size()).as(what).isEqualTo(most);
                for (int other = 0; other < 3; other++) {
                    assertThat(ofRole[other] == 0
                                    || held[other] + ofRole[other] <= held[one.role()] + ofRole[one.role()] + 1)
                            .as(what)
                            .isTrue();
                }
            }
        }
    }

    private record Candidate(int id, int role, int host, boolean slow) {}

    private static int[] count(List<Candidate> all, Set<Integer> chosen, ToIntFunction<Candidate> by) {
        int[] counts = new int[3];
        all.stream().filter(one -> chosen.contains(one.id())).forEach(one -> counts[by.applyAsInt(one)]++);
        return counts;
    }

    private static String array(List<Candidate> all, ToIntFunction<Candidate> value) {
        return "'{"
                + all.stream().map(one -> String.valueOf(value.applyAsInt(one))).collect(Collectors.joining(","))
                + "}'";
    }

    private void start(Map<Setting, String> settings) {
        open.add(0, TestBridge.start(database, settings));
    }

    private Target target() {
        Target one = new Target().quiet();
        open.add(one);
        return one;
    }

    private List<String> silentHosts(int count) {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            urls.add(target().hold("/", silence).url("/"));
        }
        return urls;
    }

    private static void queueSlow(TestDatabase sender, String url, int count) {
        sender.run("select count(net.http_get('" + url + "', timeout_milliseconds := 3600000))"
                + " from generate_series(1, " + count + ")");
    }

    /** That many requests of a role to a healthy host are answered soon. */
    private void answered(TestDatabase sender, int count) {
        long before = answers(sender);
        sender.run(
                "select count(net.http_get('" + target.url("/healthy") + "')) from generate_series(1, " + count + ")");
        Awaitility.await().atMost(SOON).until(() -> answers(sender) == before + count);
    }

    private static long answers(TestDatabase sender) {
        return Long.parseLong(sender.one("select count(*) from net._http_response where status_code = 200"));
    }

    private int inFlight(String role) {
        return Integer.parseInt(database.one(
                "select coalesce(sum(cardinality(ids)), 0) from net.lease where role = '" + role + "'::regrole"));
    }

    /** How many requests a role may queue until it is refused. */
    private static int room(TestDatabase sender) {
        return room(sender, Integer.MAX_VALUE);
    }

    private static int room(TestDatabase sender, int most) {
        int queued = 0;
        try {
            while (queued < most) {
                queueOne(sender);
                queued++;
            }
            return queued;
        } catch (TestDatabase.Failed e) {
            assertThat(e).hasMessageContaining("queue");
            return queued;
        }
    }

    private static void queueOne(TestDatabase sender) {
        sender.run("select net.http_get('http://h/')");
    }
}
