package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.LeaseTimings;
import io.pgnetty.request.Completed;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import io.pgnetty.request.Verdict;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/**
 * The queue protocol as a model: bridges that claim, extend, complete, retry, give up, release, isolate, promote, recover and
 * crash, a user who queues and cancels, all at once on the real SQL, with leases of many requests that run out meanwhile.
 * Whatever the schedule: one (id, lease) has one owner, an id that was ended stays as it was ended, none is lost, and none overtakes
 * another with its ordering_key.
 */
class QueueProtocolTest {

    private static final LeaseTimings LEASE = new LeaseTimings(Duration.ofMillis(30));
    private static final String LOST_TOO_OFTEN = "state = 'parked' and losses = 3";
    private static final int BRIDGES = 3;

    private final TestDatabase database = TestPostgres.shared().installed();
    private final Map<Attempt, UUID> owners = new ConcurrentHashMap<>();
    private final Map<Long, String> ended = new ConcurrentHashMap<>();
    private final Set<Long> queued = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

    enum Step {
        CLAIM,
        EXTEND,
        COMPLETE,
        RETRY,
        SPEND,
        RELEASE,
        ISOLATE,
        PROMOTE,
        RECOVER,
        CRASH,
        QUEUE,
        CANCEL
    }

    @Provide
    Arbitrary<List<List<Step>>> schedules() {
        Arbitrary<Step> bridgeStep = Arbitraries.frequency(
                net.jqwik.api.Tuple.of(5, Step.CLAIM),
                net.jqwik.api.Tuple.of(2, Step.EXTEND),
                net.jqwik.api.Tuple.of(4, Step.COMPLETE),
                net.jqwik.api.Tuple.of(3, Step.RETRY),
                net.jqwik.api.Tuple.of(2, Step.SPEND),
                net.jqwik.api.Tuple.of(2, Step.RELEASE),
                net.jqwik.api.Tuple.of(1, Step.ISOLATE),
                net.jqwik.api.Tuple.of(4, Step.PROMOTE),
                net.jqwik.api.Tuple.of(1, Step.RECOVER),
                net.jqwik.api.Tuple.of(1, Step.CRASH));
        Arbitrary<List<Step>> user = Arbitraries.frequency(
                        net.jqwik.api.Tuple.of(1, Step.QUEUE), net.jqwik.api.Tuple.of(4, Step.CANCEL))
                .list()
                .ofSize(40);
        return bridgeStep
                .list()
                .ofSize(25)
                .list()
                .ofSize(BRIDGES)
                .flatMap(bridges -> user.map(steps -> {
                    List<List<Step>> all = new ArrayList<>(bridges);
                    all.add(steps);
                    return all;
                }));
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void noScheduleBreaksIt(@ForAll("schedules") List<List<Step>> schedules, @ForAll Random random) throws Exception {
        database.run("truncate net.http_request_queue, net._http_response, net.dead_letter, net.dead_letter_secret,"
                + " net.attempts, net.lease, net.hop_slot, net.ordering_turn");
        owners.clear();
        ended.clear();
        queued.clear();
        violations.clear();
        queue(20, random.nextLong());

        List<Actor> bridges = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(schedules.size());
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (int i = 0; i < BRIDGES; i++) {
                Actor bridge = new Actor(random.nextLong());
                bridges.add(bridge);
                List<Step> steps = schedules.get(i);
                work.add(() -> {
                    steps.forEach(bridge::act);
                    return null;
                });
            }
            long seed = random.nextLong();
            work.add(() -> {
                Random own = new Random(seed);
                schedules.get(BRIDGES).forEach(step -> use(step, own));
                return null;
            });
            for (var done : threads.invokeAll(work)) {
                done.get();
            }
            drain(bridges.get(0));
        } finally {
            threads.shutdown();
            bridges.forEach(Actor::close);
        }
        check();
    }

    private void use(Step step, Random random) {
        if (step == Step.QUEUE) {
            queue(3, random.nextLong());
            return;
        }
        // Those that a claim may be taking just now.
        List<Long> ids = queued.stream().filter(id -> !ended.containsKey(id)).toList();
        if (ids.isEmpty()) {
            return;
        }
        long id = ids.get(random.nextInt(ids.size()));
        if (database.one("select net.cancel(" + id + ")").equals("t")) {
            end(id, "cancelled");
        }
    }

    private void queue(int count, long seed) {
        database.rows("select net.http_request('GET', 'http://h' || (i % 4) || '/', max_attempts := 1 + ((i + "
                        + seed % 7 + ") % 3 + 3) % 3, ordering_key := case when i % 2 = 0 then 'k' || i % 3 end)"
                        + " from generate_series(1, " + count + ") i")
                .forEach(row -> queued.add(Long.valueOf(row.get(0))));
    }

    private void end(long id, String how) {
        String before = ended.put(id, how);
        if (before != null) {
            violations.add(id + " was ended twice: " + before + ", then " + how);
        }
    }

    /** With time enough, whatever the schedule left behind is delivered. */
    private void drain(Actor bridge) {
        long giveUp = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!database.one("select count(*) from net.http_request_queue where not (" + LOST_TOO_OFTEN + ")")
                .equals("0")) {
            assertThat(System.nanoTime())
                    .as(
                            "the queue does not run empty: %s",
                            database.rows(
                                    "select id, host, attempt, state, due_at, losses, error_msg, clock_timestamp()"
                                            + " from net.http_request_queue"))
                    .isLessThan(giveUp);
            bridge.act(Step.PROMOTE);
            bridge.act(Step.RECOVER);
            bridge.act(Step.CLAIM);
            bridge.finish(bridge.held.size(), new Verdict.Done());
        }
    }

    private void check() {
        assertThat(violations).isEmpty();
        Map<Long, String> stored = database
                .rows("select r.id, case when r.cancelled then 'cancelled' else coalesce(r.content, r.error_msg) end,"
                        + " r.failed, d.id is not null, (select max_attempts from net.dead_letter l where l.id = r.id)"
                        + " from net._http_response r left join net.dead_letter d on d.id = r.id")
                .stream()
                .peek(row -> assertThat(row.get(3)).as("dead letter of " + row).isIn(row.get(2), "f"))
                .collect(Collectors.toMap(row -> Long.valueOf(row.get(0)), row -> row.get(1)));
        assertThat(stored).isEqualTo(ended);
        Set<Long> parked = database.rows("select id from net.http_request_queue where " + LOST_TOO_OFTEN).stream()
                .map(row -> Long.valueOf(row.get(0)))
                .collect(Collectors.toSet());
        assertThat(parked).doesNotContainAnyElementsOf(ended.keySet());
        parked.addAll(stored.keySet());
        assertThat(parked).isEqualTo(queued);
    }

    /** A bridge that may do anything at any time. */
    private final class Actor {
        private final UUID id = UUID.randomUUID();
        private final Random random;
        private final Database connections = new Database(database.url(), false);
        private final RequestQueue queue =
                new RequestQueue(connections, new BridgeId(id, "actor", "0"), LEASE, 1 << 20, "UTF8");
        private final DueRequests due = new DueRequests(connections, new BridgeId(id, "actor", "0"), LEASE);
        private final List<QueuedRequest> held = new ArrayList<>();

        Actor(long seed) {
            random = new Random(seed);
        }

        void act(Step step) {
            switch (step) {
                case CLAIM -> claim();
                case EXTEND ->
                    queue.extend(some().stream().map(Attempt::lease).collect(Collectors.toSet()))
                            .block();
                case COMPLETE -> finish(1 + random.nextInt(5), new Verdict.Done());
                case RETRY -> finish(1 + random.nextInt(5), new Verdict.Retry(Duration.ofMillis(random.nextInt(20))));
                case SPEND -> finish(1 + random.nextInt(3), new Verdict.Exhausted());
                case RELEASE -> {
                    List<Attempt> some = some();
                    queue.release(some, Set.of()).block();
                    held.removeIf(one -> some.contains(Attempt.of(one)));
                }
                case ISOLATE -> held.replaceAll(this::isolated);
                case PROMOTE -> {
                    due.promote(100).block();
                    due.rescue(100).block();
                }
                case RECOVER ->
                    queue.recover(held.stream().map(Attempt::of).toList()).block();
                case CRASH -> held.clear();
                default -> throw new IllegalArgumentException(step.name());
            }
        }

        /** One in two. */
        private QueuedRequest isolated(QueuedRequest request) {
            return random.nextBoolean()
                    ? request
                    : queue.isolate(Attempt.of(request))
                            .map(request::heldBy)
                            .defaultIfEmpty(request)
                            .block();
        }

        private void claim() {
            long started = System.nanoTime();
            for (QueuedRequest request : queue.claim(ClaimTerms.first(1 + random.nextInt(6), 1 << 20, 20))
                    .block()
                    .requests()) {
                UUID other = owners.put(Attempt.of(request), id);
                if (other != null) {
                    violations.add(Attempt.of(request) + " has two owners");
                }
                held.add(request);
                overtaken(request.id());
                // Else its lease may have been over by then.
                boolean leased = System.nanoTime() - started < LEASE.lease().toNanos();
                if (leased && "cancelled".equals(ended.get(request.id()))) {
                    violations.add(Attempt.of(request) + " was claimed when it had been cancelled");
                }
            }
        }

        /** Those before it in the order of its key were gone when it was claimed, and so they are now. */
        private void overtaken(long id) {
            List<List<String>> before = database.rows("select b.id from net.http_request_queue q"
                    + " join net.http_request_queue b on b.ordering_key = q.ordering_key and b.id < q.id"
                    + " and b.state <> 'parked' where q.id = " + id);
            if (!before.isEmpty()) {
                violations.add(id + " was claimed before " + before + " of its ordering_key");
            }
        }

        /** In any order, so that statements that lock in the order they are given would deadlock. */
        private List<Attempt> some() {
            Collections.shuffle(held, random);
            return held.stream().limit(1 + random.nextInt(6)).map(Attempt::of).toList();
        }

        void finish(int count, Verdict verdict) {
            Collections.shuffle(held, random);
            List<QueuedRequest> some = new ArrayList<>(held.subList(0, Math.min(count, held.size())));
            held.removeAll(some);
            List<Completed> batch =
                    some.stream().map(request -> completed(request, verdict)).toList();
            if (batch.isEmpty()) {
                return;
            }
            WrittenBack result = queue.complete(batch).block();
            Set<Attempt> written = result.written();
            // As the bridge does: a row that somebody has locked is written later.
            some.stream()
                    .filter(request -> result.locked().contains(Attempt.of(request)))
                    .forEach(held::add);
            for (Completed one : batch) {
                long request = one.request().id();
                if (written.contains(Attempt.of(one.request())) && !(verdict instanceof Verdict.Retry)) {
                    end(
                            request,
                            one.outcome() instanceof Outcome.Responded answer
                                    ? new String(answer.body(), StandardCharsets.UTF_8)
                                    : ((Outcome.Failed) one.outcome()).message());
                }
            }
        }

        private Completed completed(QueuedRequest request, Verdict verdict) {
            String mark = id + " " + request.id() + " " + request.attempt();
            Outcome outcome = verdict instanceof Verdict.Done
                    ? new Outcome.Responded(200, "text/plain", List.of(), mark.getBytes(StandardCharsets.UTF_8))
                    : new Outcome.Failed(FailureKind.CONNECT, mark);
            return new Completed(request, outcome, verdict, System.nanoTime(), Duration.ofMillis(1));
        }

        void close() {
            connections.close().block();
        }
    }
}
