package io.pgnetty.bench;

import io.pgnetty.config.Config;
import io.pgnetty.http.HopGate;
import io.pgnetty.http.HttpSender;
import io.pgnetty.http.SecretRules;
import io.pgnetty.http.egress.EgressRules;
import io.pgnetty.http.egress.OwnPlaces;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The bridge's HTTP client at the bridge's concurrency, and nothing else. */
final class ClientAlone {

    private final BenchPlan plan;
    private final Config config;
    private final String version;
    private final byte[] body = "{\"queued\": 1770000000.123456}".getBytes(StandardCharsets.UTF_8);

    ClientAlone(BenchPlan plan, Config config, String version) {
        this.plan = plan;
        this.config = config;
        this.version = version;
    }

    /** Requests a second. */
    double measure(List<Integer> ports) {
        HttpSender sender = new HttpSender(
                config.delivery(),
                config.targets(),
                new EgressRules(config.egress(), OwnPlaces.NONE),
                new HttpSender.Setup(version, event -> {}, SecretRules.NONE, BenchTls.trusted(plan.http2())));
        AtomicLong answered = new AtomicLong();
        long started = System.nanoTime();
        long end = started + plan.time().toNanos();
        Flux.<QueuedRequest, Long>generate(() -> 0L, (id, sink) -> {
                    if (System.nanoTime() > end) {
                        sink.complete();
                    } else {
                        sink.next(request(id, ports));
                    }
                    return id + 1;
                })
                .flatMap(
                        request -> Mono.using(
                                () -> sender.memory().open(request.host()),
                                memory -> sender.send(request, () -> true, HopGate.OPEN, memory)
                                        .doOnNext(outcome -> answered.addAndGet(responded(outcome)))),
                        plan.concurrency(),
                        1)
                .then(sender.close())
                .block(BenchPlan.LONG);
        return answered.get() * 1e9 / (System.nanoTime() - started);
    }

    private static int responded(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            throw new IllegalStateException("the bench's own target does not answer: " + failed.message());
        }
        return 1;
    }

    private QueuedRequest request(long id, List<Integer> ports) {
        int port = ports.get((int) (id % ports.size()));
        return new QueuedRequest(
                id,
                1,
                1,
                "POST",
                plan.scheme() + "://127.0.0.1:" + port + "/",
                List.of(new Header("Content-Type", "application/json")),
                body,
                body.length,
                Duration.ofSeconds(30),
                UUID.randomUUID(),
                1,
                0,
                null,
                "127.0.0.1:" + port,
                0,
                false,
                false,
                null,
                Duration.ZERO);
    }
}
