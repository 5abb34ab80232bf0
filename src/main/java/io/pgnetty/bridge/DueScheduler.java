package io.pgnetty.bridge;

import io.pgnetty.config.LeaseTimings;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.DueRequests;
import io.pgnetty.postgres.DueRequests.Promotion;
import io.pgnetty.postgres.DueRequests.Rescue;
import io.pgnetty.request.Completed;
import io.pgnetty.request.Verdict;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Makes requests due when their time has come: scheduled ones, retries, and those of bridges that died. Does not poll: each run tells
 * when the next request is due, and an alarm is set for then. It runs earlier when a notification says that requests were queued,
 * and when this bridge records a retry. The fallback poll finds the retries that a dead bridge recorded.
 */
final class DueScheduler {

    private static final int BATCH = 1_000;

    /** Between two polls at least, however many notifications come. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** Until a run is repeated that failed, or that had to leave a key to a transaction that has not ended. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final DueRequests due;
    private final LeaseTimings timings;
    private final Health health;
    private final Rest rest;
    private final Events events;
    private final Runnable promoted;
    private final WakeSignal wakeUp = new WakeSignal();
    private final Disposable.Swap alarm = Disposables.swap();
    private final Disposable.Swap retryAlarm = Disposables.swap();

    /** {@link System#nanoTime()} of the earliest retry written since the last run began; guarded by this. */
    private Optional<Long> earliestRetry = Optional.empty();

    /**
     * @param timings of all bridges: what is claimed after a run is not over before the next
     * @param promoted is told when something became due, or a claim can make it due
     */
    DueScheduler(DueRequests due, LeaseTimings timings, Shared shared, Runnable promoted) {
        this.due = due;
        this.timings = timings;
        this.health = shared.health();
        this.rest = shared.rest();
        this.events = shared.events();
        this.promoted = promoted;
    }

    /** Looks soon for requests whose time has come. */
    void wake() {
        wakeUp.wake();
    }

    /** Runs again when the first of the retries among these is due. */
    void onRecorded(List<Completed> batch) {
        batch.stream()
                .flatMap(completed ->
                        completed.verdict() instanceof Verdict.Retry retry ? Stream.of(retry.after()) : Stream.empty())
                .min(Comparator.naturalOrder())
                .ifPresent(this::retryIn);
    }

    private synchronized void retryIn(Duration in) {
        long at = System.nanoTime() + in.toNanos();
        if (earliestRetry.isEmpty() || at - earliestRetry.get() < 0) {
            earliestRetry = Optional.of(at);
            retryAlarm.update(wakeAfter(in));
        }
    }

    /** Runs while subscribed to. Never errors. */
    Flux<Void> run() {
        return wakeUp.wakes()
                .concatMap(wake -> poll().then(Mono.delay(PAUSE)).then(Mono.<Void>empty()), 1)
                .doFinally(signal -> {
                    alarm.dispose();
                    retryAlarm.dispose();
                });
    }

    private Mono<Void> poll() {
        return Mono.fromRunnable(this::forgetRetries)
                .then(promote())
                .expand(promotion -> promotion.promoted() < BATCH ? Mono.empty() : promote())
                .last()
                .delayUntil(promotion -> promotion.keyed() ? admitKeyed() : Mono.empty())
                .flatMap(promotion -> rescue().map(rescue -> pause(promotion, rescue)))
                .onErrorResume(error -> {
                    events.emit(new Event.ChoreFailed("search for due requests", DatabaseFailure.reason(error)));
                    return Mono.just(AGAIN);
                })
                .doOnNext(pause -> alarm.update(wakeAfter(pause)))
                .then();
    }

    /** A retry that is written already is seen by the run that begins now; its own alarm may still be the earlier one. */
    private synchronized void forgetRetries() {
        earliestRetry = Optional.empty();
    }

    private Mono<Promotion> promote() {
        return Mono.defer(() -> due.promote(BATCH)).doOnNext(promotion -> {
            if (promotion.promoted() > 0 || promotion.ordered()) {
                promoted.run();
            }
        });
    }

    /** What leases hold that are over. */
    private Mono<Rescue> rescue() {
        return Mono.defer(() -> takesOver() ? due.rescue(BATCH) : Mono.just(new Rescue(0, Optional.of(AGAIN))))
                .delayUntil(rescue -> rescue.lost() > 0 ? buryLost() : Mono.empty())
                .doOnNext(rescue -> {
                    if (rescue.lost() > 0) {
                        events.emit(new Event.Requeued((int) rescue.lost()));
                        promoted.run();
                    }
                });
    }

    /** What was lost too often is parked by now, and stays so where this fails. */
    private Mono<Long> buryLost() {
        return due.buryLost(BATCH).onErrorResume(error -> {
            events.emit(new Event.ChoreFailed("dead letters of lost requests", DatabaseFailure.reason(error)));
            return Mono.empty();
        });
    }

    /**
     * Whether leases of others that are over are believed to be lost. Not right after an outage: it was theirs too, and they
     * have a moment to say that they are there.
     */
    private boolean takesOver() {
        return health.runningFor().compareTo(timings.settling()) > 0;
    }

    private Mono<Integer> admitKeyed() {
        return due.admitKeyed(BATCH).doOnNext(decided -> promoted.run());
    }

    private Duration pause(Promotion promotion, Rescue rescue) {
        // Of the keyed some may be left, whose key another transaction has taken.
        Duration most = promotion.keyed() ? AGAIN : rest.isResting() ? Rest.PAUSE : timings.lease();
        return Stream.of(promotion.nextIn(), rescue.nextIn())
                .flatMap(Optional::stream)
                .filter(in -> in.compareTo(most) < 0)
                .min(Comparator.naturalOrder())
                .orElse(most);
    }

    private Disposable wakeAfter(Duration in) {
        // Timers may be early by a little; the statement's clock begins with its transaction.
        return Mono.delay(in.isNegative() ? Duration.ZERO : in.plusMillis(1)).subscribe(tick -> wake());
    }
}
