package io.pgnetty.web;

import io.pgnetty.bridge.Bridge;
import io.pgnetty.bridge.Health;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.PageStatements;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.RawValue;

/**
 * What goes on, some two times a second: one read for all who watch, and none while nobody does. A database for which that is much work is read less
 * often; what the bridge knows itself is shown at least once a second all the same.
 */
final class LiveFeed {

    private static final Duration PERIOD = Duration.ofMillis(400);
    private static final Duration LATEST = Duration.ofSeconds(1);

    /** The database reads for all pages at most one part in so many of the time. */
    private static final int SHARE = 5;

    /** But it is read after this time, also when the last read took long as the database was away. */
    private static final Duration LONGEST = Duration.ofSeconds(5);

    /** For how long it goes on when the last one has left: a page that is loaded again joins it. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    private static final JsonMapper JSON = JsonMapper.shared();

    private final PageStatements statements;
    private final Traffic traffic;
    private final Health health;
    private final String name;
    private final Flux<String> snapshots;
    private volatile @Nullable Bridge bridge;

    /** What a read has given: what is in the database, or why that cannot be read. */
    private record Part(String name, Object value, long readAt) {

        /** Before the first read has ended. */
        static final Part NONE = new Part("reading", true, 0);
    }

    LiveFeed(PageStatements statements, Traffic traffic, Health health, String name) {
        this.statements = statements;
        this.traffic = traffic;
        this.health = health;
        this.name = name;
        this.snapshots = reads().startWith(Part.NONE)
                .switchMap(part -> Flux.interval(Duration.ZERO, LATEST)
                        .onBackpressureDrop()
                        .map(tick -> text(part)))
                .replay(1)
                .refCount(1, LINGER);
    }

    /** The bridge is there. */
    void have(Bridge running) {
        bridge = running;
    }

    /** JSON objects; a reader that is slow misses some. Never ends. */
    Flux<String> snapshots() {
        return snapshots.onBackpressureLatest();
    }

    /** One after the other, with a pause after each. */
    private Flux<Part> reads() {
        return Flux.defer(() -> {
            long[] started = {System.nanoTime()};
            return Mono.defer(() -> {
                        started[0] = System.nanoTime();
                        return read();
                    })
                    .repeatWhen(ends -> ends.concatMap(end -> Mono.delay(pause(System.nanoTime() - started[0])), 1));
        });
    }

    private static Duration pause(long tookNanos) {
        return Duration.ofNanos(Math.min(Math.max(tookNanos * (SHARE - 1), PERIOD.toNanos()), LONGEST.toNanos()));
    }

    private Mono<Part> read() {
        return statements
                .now()
                .map(now -> new Part("database", new RawValue(now), System.currentTimeMillis()))
                .onErrorResume(error ->
                        Mono.just(new Part("problem", DatabaseFailure.reason(error), System.currentTimeMillis())));
    }

    private String text(Part part) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("at", System.currentTimeMillis());
        all.put("read_at", part.readAt());
        all.put("bridge", bridge());
        all.put(part.name(), part.value());
        return JSON.writeValueAsString(all);
    }

    private Map<String, Object> bridge() {
        Map<String, Object> here = new LinkedHashMap<>(traffic.look());
        here.put("name", name);
        here.put("state", health.state().name().toLowerCase(Locale.ROOT));
        health.whyNotReady().ifPresent(reason -> here.put("reason", reason));
        here.put("listening", health.isListening());
        Bridge running = bridge;
        if (running != null) {
            here.put("in_flight", running.inFlight());
            here.put("polling", running.isPolling());
            here.put("idle_lock_contested", running.isIdleLockContested());
        }
        return here;
    }
}
