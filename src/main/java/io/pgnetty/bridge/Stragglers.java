package io.pgnetty.bridge;

import io.pgnetty.postgres.DatabaseFailure;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;

/**
 * Writes one row at a time, with a writer of their own, the results that could not be written together with others. So the
 * batches of all other results are not delayed by these.
 *
 * <p>A row that fails alone is parked with its reason, after a few tries, as a migration may be changing a trigger just now. One
 * that takes too long, behind a lock or in a user's trigger, steps back, and is parked only after minutes in which others were
 * written. One whose row another transaction has locked is written when that has ended.
 */
final class Stragglers {

    private static final int TRIES_ALONE = 4;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

    /** For how long a row may be too slow while others are not. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration STEP_BACK = Duration.ofSeconds(1);
    private static final Duration FIRST_LOCKED = Duration.ofMillis(20);

    private final WriteBack writeBack;
    private final WriteGate gate;
    private final BackgroundWork work;
    private final Runnable poll;

    /** Those that have not been tried alone, before those that have. */
    private final Queue<PendingResult> untried = new ConcurrentLinkedQueue<>();

    private final Queue<PendingResult> again = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean writing = new AtomicBoolean();

    /** Starts work that nobody waits for. */
    @FunctionalInterface
    interface BackgroundWork {
        void start(Mono<?> work);
    }

    /** @param poll polls the queue: a claim may be allowed again */
    Stragglers(WriteBack writeBack, WriteGate gate, BackgroundWork work, Runnable poll) {
        this.writeBack = writeBack;
        this.gate = gate;
        this.work = work;
        this.poll = poll;
    }

    /** Takes the results of a batch that a row of it may be to blame for. */
    void takeFailed(List<PendingResult> batch) {
        batch.forEach(this::exempt);
        untried.addAll(batch);
        // They took slots until now.
        poll.run();
        writeNext();
    }

    /** Takes results whose rows another transaction has locked. */
    void takeLocked(List<PendingResult> locked) {
        locked.forEach(one -> {
            exempt(one);
            stepBack(one, lockedPause(one));
        });
        if (!locked.isEmpty()) {
            poll.run();
        }
    }

    private void exempt(PendingResult one) {
        if (!one.exempt && gate.exempt(one.weight())) {
            one.exempt = true;
            one.freeMemory();
        }
    }

    private void writeNext() {
        while (!(untried.isEmpty() && again.isEmpty()) && writing.compareAndSet(false, true)) {
            PendingResult one = untried.poll();
            if (one == null) {
                one = again.poll();
            }
            if (one != null) {
                work.start(write(one).doFinally(signal -> {
                    writing.set(false);
                    writeNext();
                }));
                return;
            }
            writing.set(false);
        }
    }

    private Mono<Void> write(PendingResult one) {
        return writeBack
                .isolate(one)
                .then(Mono.defer(() -> writeBack.whileAway(List.of(one), error -> refused(one, error))))
                .doOnNext(this::takeLocked)
                .then()
                .onErrorResume(error -> DatabaseFailure.slow(error) ? slow(one, error) : failedAlone(one, error));
    }

    private void refused(PendingResult one, Throwable error) {
        if (WriteBack.isDatabaseAway(error)) {
            writeBack.refused(error);
        } else if (DatabaseFailure.slow(error) && one.slowSince != 0 && gate.refusedAgain()) {
            poll.run();
        }
    }

    /** Only when others are written meanwhile is it the row that is slow. */
    private Mono<Void> slow(PendingResult one, Throwable error) {
        long now = System.nanoTime();
        long accepted = gate.acceptedCount();
        if (one.slowSince == 0 || accepted == one.acceptedThen) {
            one.slowSince = now;
        }
        one.acceptedThen = accepted;
        Mono<Void> later = Mono.fromRunnable(() -> stepBack(one, STEP_BACK));
        return now - one.slowSince < PATIENCE.toNanos()
                ? later
                : writeBack.park(one, error).onErrorResume(e -> later);
    }

    private void stepBack(PendingResult one, Duration pause) {
        work.start(Mono.delay(pause).doOnNext(tick -> {
            again.add(one);
            writeNext();
        }));
    }

    private static Duration lockedPause(PendingResult one) {
        Duration pause = FIRST_LOCKED.multipliedBy(1L << Math.min(one.lockedTimes++, 6));
        return pause.compareTo(STEP_BACK) < 0 ? pause : STEP_BACK;
    }

    /**
     * A few tries, as a migration may be changing a trigger just now; the writer is free between them. Where even the parking
     * fails the schema itself is in trouble, and it is tried again.
     */
    private Mono<Void> failedAlone(PendingResult one, Throwable error) {
        if (++one.triesAlone < TRIES_ALONE) {
            return Mono.fromRunnable(() -> stepBack(one, FIRST_PAUSE.multipliedBy(1L << one.triesAlone)));
        }
        return writeBack.park(one, error).onErrorResume(e -> Mono.fromRunnable(() -> stepBack(one, STEP_BACK)));
    }
}
