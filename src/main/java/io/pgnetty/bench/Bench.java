package io.pgnetty.bench;

import io.pgnetty.bench.BenchResult.Latencies;
import io.pgnetty.bench.BenchResult.Round;
import io.pgnetty.bench.BenchResult.Senders;
import io.pgnetty.config.Config;
import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.postgres.Workload;
import io.pgnetty.postgres.Workload.Latency;
import io.pgnetty.postgres.Workload.Send;
import io.pgnetty.service.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One run: the HTTP client alone, the SQL alone, both together end to end, what senders pay, and single requests; round after
 * round, so that a noisy machine is as noisy for each. In a database of its own, against a target of its own. Blocks its thread,
 * which is a person's.
 */
public final class Bench {

    private static final Duration QUIET = Duration.ofMillis(50);

    /** The rule for all hosts, of which each port is one. */
    private static final int SLOTS_PER_HOST = 64;

    private final BenchPlan plan;
    private final Workload workload;
    private final Config config;
    private final String version;
    private final Progress progress;
    private final BenchEvents events = new BenchEvents();

    /** Told of each measurement as it begins. */
    @FunctionalInterface
    public interface Progress {
        void step(String what);
    }

    /** Of the last round. */
    private List<Integer> overTime = List.of();

    private Bench(BenchPlan plan, Workload workload, Config config, String version, Progress progress) {
        this.plan = plan;
        this.workload = workload;
        this.config = config;
        this.version = version;
        this.progress = progress;
    }

    /** How many steps there will be. */
    public static int steps(BenchPlan plan) {
        return (plan.rounds() + 1) * 8;
    }

    /**
     * Measures.
     *
     * @param server a database of the server; the role must be allowed to create another
     * @param config gives the configuration of a bridge in that database
     */
    public static BenchResult run(
            DatabaseUrl server,
            BenchPlan plan,
            Function<DatabaseUrl, Config> config,
            String version,
            Progress progress) {
        Workload workload =
                Workload.create(server, plan.scheme()).blockOptional().orElseThrow();
        // Ctrl-C leaves nothing behind either.
        Thread undo = new Thread(() -> Workload.drop(server).block(), "bench-undo");
        Runtime.getRuntime().addShutdownHook(undo);
        try {
            return new Bench(plan, workload, config.apply(workload.url()), version, progress).measure();
        } finally {
            workload.close().then(Workload.drop(server)).block();
            Runtime.getRuntime().removeShutdownHook(undo);
        }
    }

    private BenchResult measure() {
        List<Round> rounds = new ArrayList<>();
        try (BenchTarget target = new BenchTarget(ports(), plan.http2())) {
            for (int i = 0; i <= plan.rounds(); i++) {
                Round round = round(target, i == 0 ? "warm-up" : "round " + i + " of " + plan.rounds());
                if (i > 0) {
                    rounds.add(round);
                }
                workload.clear().block();
            }
        }
        return new BenchResult(
                version,
                workload.version().blockOptional().orElseThrow(),
                Runtime.getRuntime().availableProcessors() + " processors, heap of "
                        + (Runtime.getRuntime().maxMemory() >> 20) + " MiB",
                plan,
                BenchResult.median(rounds),
                List.copyOf(rounds),
                overTime);
    }

    private Round round(BenchTarget target, String which) {
        progress.step(which + ": client alone");
        double client = new ClientAlone(plan, config, version).measure(target.ports());
        progress.step(which + ": SQL alone");
        Timed sql = new SqlAlone(plan, workload, config, version).measure(target.ports());
        Service service = Service.start(
                        config, new Service.Setup("bench", version, List.of(events), BenchTls.trusted(plan.http2())))
                .blockOptional()
                .orElseThrow();
        try {
            progress.step(which + ": end to end");
            Timed endToEnd = endToEnd(target.ports());
            overTime = events.overTime();
            Latencies flooded = latencies(plan.requests());
            progress.step(which + ": single requests");
            Latencies atRest = singles(target.ports());
            return new Round(
                    client,
                    sql.perSecond(),
                    endToEnd.perSecond(),
                    endToEnd.perSecond() / client,
                    flooded,
                    atRest,
                    senders(target.ports(), which),
                    sql.cost(),
                    endToEnd.cost());
        } finally {
            service.stop().block();
        }
    }

    /** Enough of them that no host runs out of slots: the bridge holds twice as many requests as it sends at a time. */
    private int ports() {
        return (2 * plan.concurrency() + SLOTS_PER_HOST - 1) / SLOTS_PER_HOST;
    }

    private Timed endToEnd(List<Integer> ports) {
        workload.queue(ports, plan.requests()).block(BenchPlan.LONG);
        // From the commit on, which begins the sending.
        events.reset();
        DatabaseCost cost = DatabaseCost.from(workload);
        long started = System.nanoTime();
        awaitEmpty();
        return new Timed(plan.requests() * 1e9 / (events.last() - started), cost.perRequest(plan.requests()));
    }

    private Latencies singles(List<Integer> ports) {
        workload.clear().block();
        events.reset();
        for (int i = 0; i < BenchPlan.SINGLES; i++) {
            workload.queueOne(ports.get(i % ports.size())).block();
            pause(Duration.ofMillis(20));
        }
        awaitEmpty();
        return latencies(BenchPlan.SINGLES);
    }

    private Senders senders(List<Integer> ports, String which) {
        double plain = commits(Send.PLAIN, ports, which + ": a plain insert");
        double post = commits(Send.POST, ports, which + ": net.http_post");
        settle();
        workload.pause().block();
        double paused = commits(Send.POST, ports, which + ": net.http_post, nothing delivered");
        workload.resume().block();
        settle();
        double notified = commits(Send.NOTIFY, ports, which + ": insert and notify");
        settle();
        return new Senders(post, paused, plain, notified, post / plain, paused / plain, post / notified);
    }

    /** Commits a second of all senders. */
    private double commits(Send send, List<Integer> ports, String what) {
        progress.step(what);
        long started = System.nanoTime();
        long committed = workload.send(send, plan.senders(), ports, plan.time())
                .blockOptional()
                .orElseThrow();
        return committed * 1e9 / (System.nanoTime() - started);
    }

    /** What was queued is sent, and forgotten. */
    private void settle() {
        awaitEmpty();
        workload.clear().block();
    }

    private Latencies latencies(int requests) {
        Latency recorded = workload.latency().blockOptional().orElseThrow();
        if (recorded.recorded() != requests) {
            throw new IllegalStateException("only " + recorded.recorded() + " of " + requests + " were answered");
        }
        return new Latencies(events.sent(50), events.sent(99), recorded.p50Millis(), recorded.p99Millis());
    }

    private void awaitEmpty() {
        long end = System.nanoTime() + BenchPlan.LONG.toNanos();
        // Counting reads the queue: not while many requests wait, as that would be measured as well.
        while (System.nanoTime() - events.last() < QUIET.toNanos()
                || workload.waiting().blockOptional().orElseThrow() > 0) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "the queue was still not empty after " + BenchPlan.LONG.toMinutes() + " min");
            }
            pause(QUIET);
        }
    }

    private static void pause(Duration time) {
        try {
            TimeUnit.MILLISECONDS.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
