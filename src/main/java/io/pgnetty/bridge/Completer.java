package io.pgnetty.bridge;

import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.request.Completed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * Writes outcomes back in batches, when {@link WritePace} says: a batch is one row when little happens, and grows with the
 * load. Bounded by the {@link WriteGate}: fewer requests are claimed where this falls behind.
 *
 * <p>A failure affects as few results as possible: while the database is away a batch is tried again for as long as it takes; the rows
 * of a batch that may have failed because of one row are written one by one, as {@link Stragglers}.
 */
final class Completer {

    private static final int MAX_ROWS = 256;
    private static final int LOCKED_A_MOMENT = 3;

    /** Until rows that are locked are written once more. */
    private static final Duration UNTIL_UNLOCKED = Duration.ofMillis(30);

    private static final long MAX_BYTES = 8L << 20;

    private final WriteBack writeBack;
    private final Stragglers stragglers;
    private final BackgroundTasks writes = new BackgroundTasks();
    private final Queue<PendingResult> waiting = new ConcurrentLinkedQueue<>();
    private final Set<Long> busyLeases = ConcurrentHashMap.newKeySet();
    private final WritePace pace;
    private final AtomicInteger rowsWaiting = new AtomicInteger();
    private final Disposable.Swap later = Disposables.swap();
    private boolean lookingLater;
    private long lookAt;

    /** @param poll polls the queue: claims may be allowed again */
    Completer(WriteBack writeBack, WriteGate gate, WritePace pace, Runnable poll) {
        this.writeBack = writeBack;
        this.pace = pace;
        this.stragglers = new Stragglers(writeBack, gate, writes::start, poll);
    }

    /**
     * Completes when the outcome is in the database, or has lost its lease, or is parked. Never errors.
     *
     * @param freeMemory gives back what the response has of the memory for bodies, once or more
     */
    Mono<Void> write(Completed completed, Runnable freeMemory) {
        return Mono.defer(() -> {
            PendingResult one = new PendingResult(completed, freeMemory);
            rowsWaiting.incrementAndGet();
            waiting.add(one);
            startWriter();
            return one.done();
        });
    }

    /** Gives up what still waits: its leases end, and somebody else sends it. */
    void close() {
        later.dispose();
        writes.close();
    }

    /** Guarded by this. Only the earliest time counts. */
    private void startLater(Duration wait) {
        long at = System.nanoTime() + wait.toNanos();
        if (!lookingLater || at - lookAt < 0) {
            lookingLater = true;
            lookAt = at;
            later.update(Mono.delay(wait).subscribe(tick -> look()));
        }
    }

    private void look() {
        synchronized (this) {
            lookingLater = false;
        }
        startWriter();
    }

    private void startWriter() {
        for (List<PendingResult> batch = takeBatch(); !batch.isEmpty(); batch = takeBatch()) {
            int rows = batch.size();
            // As they are now: a result that is to be written alone gets a lease of its own.
            Set<Long> leases = batch.stream().map(PendingResult::lease).collect(Collectors.toSet());
            writes.start(writeBatch(batch).doFinally(signal -> {
                busyLeases.removeAll(leases);
                pace.ended(rows, System.nanoTime());
                startWriter();
            }));
        }
    }

    /** What is written now: empty where nothing is. One at a time, so that the pace is asked and told in one step. */
    private synchronized List<PendingResult> takeBatch() {
        if (waiting.isEmpty() || !isTime()) {
            return List.of();
        }
        // Empty where all wait for a lease that another writer writes for; that starts the next one when it has ended.
        List<PendingResult> batch = nextBatch();
        if (!batch.isEmpty()) {
            pace.began(System.nanoTime());
        }
        return batch;
    }

    private boolean isTime() {
        Duration wait = pace.untilNext(rowsWaiting.get(), System.nanoTime());
        if (!wait.isZero() && !wait.isNegative()) {
            startLater(wait);
        }
        return wait.isZero();
    }

    /** What no other writer writes for: two that write for one lease at once are in each other's way. */
    private List<PendingResult> nextBatch() {
        List<PendingResult> batch = new ArrayList<>();
        List<PendingResult> later = new ArrayList<>();
        long bytes = 0;
        while (batch.size() < MAX_ROWS && bytes < MAX_BYTES) {
            PendingResult one = waiting.poll();
            if (one == null) {
                break;
            }
            if (busyLeases.contains(one.lease())) {
                later.add(one);
            } else {
                bytes += one.weight();
                batch.add(one);
            }
        }
        waiting.addAll(later);
        rowsWaiting.addAndGet(-batch.size());
        batch.forEach(one -> busyLeases.add(one.lease()));
        return batch;
    }

    private Mono<Void> writeBatch(List<PendingResult> batch) {
        return writeBack
                .whileAway(batch, this::refused)
                .doOnNext(this::locked)
                .then()
                .onErrorResume(error -> Mono.fromRunnable(() -> stragglers.takeFailed(batch)));
    }

    /** Mostly it is our own extension of their leases, for a moment: they go with the next batch. */
    private void locked(List<PendingResult> rows) {
        List<PendingResult> forLong =
                rows.stream().filter(one -> ++one.lockedTimes > LOCKED_A_MOMENT).toList();
        stragglers.takeLocked(forLong);
        List<PendingResult> again =
                rows.stream().filter(one -> one.lockedTimes <= LOCKED_A_MOMENT).toList();
        if (!again.isEmpty()) {
            writes.start(Mono.delay(UNTIL_UNLOCKED).doOnNext(tick -> {
                rowsWaiting.addAndGet(again.size());
                waiting.addAll(again);
                startWriter();
            }));
        }
    }

    /** Away or slow, it may be the database; anything else is a row's own fault. */
    private void refused(Throwable error) {
        if (WriteBack.isDatabaseAway(error) || DatabaseFailure.slow(error)) {
            writeBack.refused(error);
        }
    }
}
