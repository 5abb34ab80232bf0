package io.pgnetty.bridge;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.MaintenanceStatements;
import io.pgnetty.request.QueueDepth;
import java.time.Duration;
import java.util.Optional;
import reactor.core.publisher.Mono;

/**
 * How much waits, counted every 15 s, and every two minutes while the bridge rests: for the metrics, for the calls that compare with the
 * limit, and for the vacuum. Unknown before the first count, and while the database cannot be read.
 */
final class QueueCount {

    /** Between two looks at whether a count is due; most do nothing. */
    static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration PERIOD = Duration.ofSeconds(15);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final int LIMIT = 1_000_000;

    /** A count of all that waits takes at most this share of the time, unless it takes longer than 6 s. */
    private static final int SHARE = 50;

    private final MaintenanceStatements statements;
    private final Rest rest;
    private final Health health;
    private final QueueVacuum vacuum;
    private final int maxQueued;
    private final Events events;
    private volatile Optional<QueueDepth> counted = Optional.empty();
    private volatile Optional<Long> queued = Optional.empty();
    private volatile long countedAt = System.nanoTime();
    private volatile long againAt = System.nanoTime();

    QueueCount(MaintenanceStatements statements, Shared shared, QueueVacuum vacuum, int maxQueued) {
        this.statements = statements;
        this.rest = shared.rest();
        this.health = shared.health();
        this.events = shared.events();
        this.vacuum = vacuum;
        this.maxQueued = maxQueued;
    }

    /** What was counted last; empty while that says nothing about the present. */
    Optional<QueueDepth> known() {
        return health.reaches() ? counted : Optional.empty();
    }

    /** How many requests are in the queue, in whatever state, up to one more than its limit; empty as {@link #known}. */
    Optional<Long> queued() {
        return health.reaches() ? queued : Optional.empty();
    }

    /** Since the last count that succeeded, or the start. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - countedAt);
    }

    /** Counts when that is due. While the database is known to be away nothing is asked; then it is counted at once. */
    Mono<Void> look() {
        return Mono.defer(() -> {
            long started = System.nanoTime();
            boolean known = counted.isPresent();
            if (!health.reaches()) {
                counted = Optional.empty();
                queued = Optional.empty();
                againAt = started;
                return Mono.empty();
            }
            Duration period = rest.isResting() && known ? Rest.PAUSE : PERIOD;
            boolean due = started - againAt >= 0 && (!known || age().compareTo(period) >= 0);
            return due ? count(started) : Mono.empty();
        });
    }

    private Mono<Void> count(long started) {
        return statements
                .depth(LIMIT)
                .doOnError(error -> counted = Optional.empty())
                .doOnNext(depth -> {
                    counted = Optional.of(depth);
                    countedAt = System.nanoTime();
                })
                .then(Mono.defer(statements::advanceIds)
                        .doOnNext(id -> events.emit(new Event.IdsAdvanced(id)))
                        .then(Mono.defer(() -> statements.room(maxQueued))
                                .doOnError(error -> queued = Optional.empty())))
                .doOnNext(vacuum::waiting)
                .doOnNext(waiting -> queued = Optional.of(waiting))
                .doOnTerminate(() -> againAt = System.nanoTime() + pause(System.nanoTime() - started))
                .then();
    }

    /** It takes little of the time, and is not too old for those who look at it. */
    private static long pause(long took) {
        return Math.max(PERIOD.toNanos(), Math.min(SHARE * took, LONGEST.toNanos()));
    }
}
