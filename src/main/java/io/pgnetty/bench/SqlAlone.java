package io.pgnetty.bench;

import io.pgnetty.config.Config;
import io.pgnetty.postgres.BridgeId;
import io.pgnetty.postgres.ClaimTerms;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.postgres.Workload;
import io.pgnetty.request.Completed;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import io.pgnetty.request.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import reactor.core.publisher.Mono;

/** The bridge's statements, one after the other, with outcomes that are there at once. */
final class SqlAlone {

    /** As the bridge has it: claims of half its slots, results in batches. */
    private static final int SQL_BATCH = 128;

    private static final long CLAIM_BYTES = 8 << 20;

    private final BenchPlan plan;
    private final Workload workload;
    private final Config config;
    private final String version;
    private final byte[] body = "{\"queued\": 1770000000.123456}".getBytes(StandardCharsets.UTF_8);

    SqlAlone(BenchPlan plan, Workload workload, Config config, String version) {
        this.plan = plan;
        this.workload = workload;
        this.config = config;
        this.version = version;
    }

    Timed measure(List<Integer> ports) {
        workload.queue(ports, plan.requests()).block(BenchPlan.LONG);
        RequestQueue queue = new RequestQueue(
                workload.database(),
                new BridgeId(UUID.randomUUID(), "bench", version),
                config.database().timings(),
                config.delivery().maxRequestBytes(),
                "UTF8");
        DatabaseCost cost = DatabaseCost.from(workload);
        long started = System.nanoTime();
        Mono.defer(() -> queue.claim(ClaimTerms.first(SQL_BATCH, CLAIM_BYTES, 2 * ports.size())))
                .delayUntil(claim -> claim.requests().isEmpty()
                        ? Mono.empty()
                        : queue.complete(
                                claim.requests().stream().map(this::answered).toList()))
                .repeat()
                .takeUntil(claim -> claim.requests().isEmpty())
                .then()
                .block(BenchPlan.LONG);
        double perSecond = plan.requests() * 1e9 / (System.nanoTime() - started);
        Timed timed = new Timed(perSecond, cost.perRequest(plan.requests()));
        workload.clear().block();
        return timed;
    }

    private Completed answered(QueuedRequest request) {
        byte[] answer = request.body() == null ? body : request.body();
        Outcome outcome = new Outcome.Responded(
                200, "application/json", List.of(new Header("Content-Type", "application/json")), answer);
        return new Completed(request, outcome, new Verdict.Done(), System.nanoTime(), Duration.ofMillis(1));
    }
}
