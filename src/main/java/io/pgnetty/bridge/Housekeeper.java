package io.pgnetty.bridge;

import io.pgnetty.config.Config;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.Replicas;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.postgres.RequestQueue.Depth;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What is done by the clock: leases, heartbeats, retention, and the look at the table that nothing asked for. */
final class Housekeeper {

    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final Duration DEPTH = Duration.ofSeconds(15);
    private static final int DEPTH_LIMIT = 1_000_000;
    private static final int BATCH = 1_000;
    private static final Duration MIN_CHECK = Duration.ofMillis(100);
    private static final Duration MAX_CHECK = Duration.ofSeconds(1);

    private final RequestQueue queue;
    private final Replicas replicas;
    private final Leases leases;
    private final Health health;
    private final Config.Database config;
    private final Events events;
    private final Runnable look;
    private final Consumer<Depth> depth;
    private final Runnable restart;
    private final Sinks.Many<Long> beats = Sinks.many().multicast().directBestEffort();
    private volatile long restarts = -1;

    /**
     * @param look looks at the queue
     * @param depth takes what waits
     * @param restart connects anew
     */
    Housekeeper(
            RequestQueue queue,
            Replicas replicas,
            Leases leases,
            Health health,
            Config.Database config,
            Events events,
            Runnable look,
            Consumer<Depth> depth,
            Runnable restart) {
        this.queue = queue;
        this.replicas = replicas;
        this.leases = leases;
        this.health = health;
        this.config = config;
        this.events = events;
        this.look = look;
        this.depth = depth;
        this.restart = restart;
    }

    /** All chores; they run while subscribed to, each at its own pace and one run at a time. Never errors. */
    Flux<Void> run() {
        Duration retention = between(Duration.ofSeconds(1), config.responseTtl().dividedBy(4), Duration.ofSeconds(30));
        return Flux.merge(
                every(config.slowPoll(), "slow poll", this::slowPoll),
                heartbeats(),
                every(config.lease().dividedBy(3), "lease extension", leases::extend),
                every(
                        between(MIN_CHECK, config.lease().dividedBy(10), MAX_CHECK),
                        "lease check",
                        () -> Mono.fromRunnable(leases::endOverdue)),
                every(retention, "retention", this::expireResponses),
                every(
                        DEPTH,
                        "depth",
                        () -> queue.depth(DEPTH_LIMIT).doOnNext(depth).then()),
                every(
                        Duration.ofHours(1),
                        "old replicas",
                        () -> replicas.forgetOld().then()));
    }

    /** Says at once that this bridge is there, and in what state. */
    void beatNow() {
        // Lost in a race, the next beat says it.
        beats.tryEmitNext(0L);
    }

    private Flux<Void> heartbeats() {
        return Flux.merge(Flux.interval(Duration.ZERO, HEARTBEAT), beats.asFlux())
                .onBackpressureLatest()
                .concatMap(beat -> quietly("heartbeat", this::heartbeat), 1);
    }

    /** Says that this bridge is there, and does what the bridges were asked for. */
    private Mono<Void> heartbeat() {
        return replicas.heartbeat(health.label(), leases.count())
                .doOnNext(asked -> {
                    boolean anew = restarts >= 0 && asked != restarts;
                    restarts = asked;
                    if (anew) {
                        events.emit(new Event.RestartAsked());
                        restart.run();
                    }
                })
                .then();
    }

    private Mono<Void> slowPoll() {
        return queue.requeueExpired(BATCH)
                .doOnNext(count -> {
                    if (count > 0) {
                        events.emit(new Event.Requeued(count));
                    }
                    look.run();
                })
                .then()
                // The look finds out by itself whether the database is back.
                .doOnError(error -> look.run());
    }

    /** In batches, one statement each, until less than a batch is left. */
    private Mono<Void> expireResponses() {
        return expire(queue.expireResponses(BATCH, config.responseTtl()))
                .then(expire(queue.expireParked(BATCH, config.responseTtl())));
    }

    private Mono<Void> expire(Mono<Integer> batch) {
        return batch.repeat()
                .takeUntil(count -> count < BATCH)
                .filter(count -> count > 0)
                .doOnNext(count -> events.emit(new Event.Expired(count)))
                .then();
    }

    private Flux<Void> every(Duration period, String chore, Supplier<Mono<Void>> work) {
        return Flux.interval(period).onBackpressureDrop().concatMap(tick -> quietly(chore, work), 1);
    }

    private Mono<Void> quietly(String chore, Supplier<Mono<Void>> work) {
        return Mono.defer(work).onErrorResume(error -> {
            events.emit(new Event.ChoreFailed(chore, DatabaseFailure.reason(error)));
            return Mono.empty();
        });
    }

    private static Duration between(Duration min, Duration value, Duration max) {
        return value.compareTo(min) < 0 ? min : value.compareTo(max) > 0 ? max : value;
    }
}
