package io.pgnetty.bridge;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.postgres.RequestQueue.Attempt;
import io.pgnetty.request.Completed;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

/**
 * Writes outcomes back in batches. A batch goes out as soon as a writer is free, so that it is one row when little happens
 * and grows with the load. Bounded by the dispatcher, which claims no more while this falls behind.
 *
 * <p>What fails, fails as little as it can: while the database is away a batch is tried again for as long as it takes; a
 * batch that a row may be to blame for is written row by row; a row that fails alone is parked with its reason; one that takes
 * too long, behind a lock or in a user's trigger, steps back for the others and is parked only after minutes in which others
 * got through.
 */
final class Completer {

    private static final int WRITERS = 2;

    /** A second writer costs more than it brings while the first is quick: its batches are half as large, and dearer each. */
    private static final int MANY_ROWS = 256;

    private static final Duration LATE = Duration.ofMillis(30);
    private static final int MAX_ROWS = 500;
    private static final long MAX_BYTES = 8L << 20;
    private static final long TRIES_ALONE = 3;
    private static final int SLOW_IN_A_ROW = 2;

    /** For how long a row may be too slow while others are not. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration STEP_BACK = Duration.ofSeconds(1);

    private final RequestQueue queue;
    private final Events events;
    private final Health health;
    private final Duration maxBackoff;
    private final Consumer<List<Completed>> freed;
    private final Runnable look;
    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger writers = new AtomicInteger();
    private final AtomicInteger rowsWaiting = new AtomicInteger();
    private final AtomicBoolean lookingLater = new AtomicBoolean();
    private volatile long writingSince;
    private final AtomicLong batchesWritten = new AtomicLong();

    /** Results cannot be written, as far as is known; and whether one more request may show whether that is still so. */
    private volatile boolean stuck;

    private final AtomicBoolean probe = new AtomicBoolean();
    private final Running writes = new Running();

    /**
     * @param freed takes those that are done with, to give their places free
     * @param look looks at the queue: claims may be allowed again
     */
    Completer(
            RequestQueue queue,
            Duration maxBackoff,
            Health health,
            Events events,
            Consumer<List<Completed>> freed,
            Runnable look) {
        this.queue = queue;
        this.maxBackoff = maxBackoff;
        this.health = health;
        this.events = events;
        this.freed = freed;
        this.look = look;
    }

    /** An outcome on its way, and how it fared alone. Passed from thread to thread through the queue. */
    private static final class Waiting {
        private final Completed completed;
        private final Sinks.Empty<Void> done = Sinks.empty();

        /** Since when it has been too slow while others got through, 0 for never; and what was written when last seen. */
        private long slowSince;

        private long writtenThen;

        Waiting(Completed completed) {
            this.completed = completed;
        }
    }

    /** Completes when the outcome is in the database, or has lost its lease, or is parked. Never errors. */
    Mono<Void> write(Completed completed) {
        return Mono.defer(() -> {
            Waiting one = new Waiting(completed);
            add(one);
            startWriter();
            return one.done.asMono();
        });
    }

    /** Whether more may be held than there are places: outcomes get into the database about as they come, or one is to show it. */
    boolean mayHoldMore() {
        int busy = writers.get();
        return stuck ? probe.get() : busy == 0 || (busy < WRITERS && isQuick(busy));
    }

    /** How many may be claimed where there are so many places: none while results cannot be written, but for a probe. */
    int allowed(int free) {
        if (!stuck) {
            return free;
        }
        return free > 0 && probe.getAndSet(false) ? 1 : 0;
    }

    /** Gives up what still waits: its leases end, and somebody else sends it. */
    void close() {
        writes.close();
    }

    private void add(Waiting one) {
        rowsWaiting.incrementAndGet();
        waiting.add(one);
    }

    /** Whether what is being written now is quick, so that what waits is better written together, after it. */
    private boolean isQuick(int busy) {
        return busy > 0 && rowsWaiting.get() < MANY_ROWS && System.nanoTime() - writingSince < LATE.toNanos();
    }

    private void startLater() {
        if (lookingLater.compareAndSet(false, true)) {
            writes.start(Mono.delay(LATE).doOnNext(tick -> {
                lookingLater.set(false);
                startWriter();
            }));
        }
    }

    private void startWriter() {
        while (!waiting.isEmpty()) {
            int busy = writers.get();
            if (busy >= WRITERS) {
                return;
            }
            if (isQuick(busy)) {
                startLater();
                return;
            }
            if (writers.compareAndSet(busy, busy + 1)) {
                List<Waiting> batch = nextBatch();
                if (batch.isEmpty()) {
                    // Another writer took it; look again, in case one was added since.
                    writers.decrementAndGet();
                    continue;
                }
                writingSince = System.nanoTime();
                writes.start(writeBatch(batch).doFinally(signal -> {
                    writers.decrementAndGet();
                    startWriter();
                }));
            }
        }
    }

    private List<Waiting> nextBatch() {
        List<Waiting> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.size() < MAX_ROWS && bytes < MAX_BYTES) {
            Waiting one = waiting.poll();
            if (one == null) {
                break;
            }
            if (one.slowSince != 0 && !batch.isEmpty()) {
                // Goes alone, after these.
                waiting.add(one);
                break;
            }
            rowsWaiting.decrementAndGet();
            bytes += RequestQueue.weight(one.completed);
            batch.add(one);
            if (one.slowSince != 0) {
                break;
            }
        }
        return batch;
    }

    private Mono<Void> writeBatch(List<Waiting> batch) {
        return whileAway(batch)
                .onErrorResume(error -> batch.size() > 1 ? writeEach(batch, 0, 0) : failedAlone(batch.get(0), error));
    }

    /**
     * One by one, from the given one on; one that is too slow steps back. After a few in a row it is not the rows: the rest
     * waits for its turn again, together.
     */
    private Mono<Void> writeEach(List<Waiting> batch, int from, int slowInARow) {
        if (from == batch.size()) {
            return Mono.empty();
        }
        if (slowInARow == SLOW_IN_A_ROW) {
            batch.subList(from, batch.size()).forEach(this::add);
            return Mono.empty();
        }
        Waiting one = batch.get(from);
        return whileAway(List.of(one))
                .thenReturn(0)
                .onErrorResume(
                        error -> failedAlone(one, error).thenReturn(DatabaseFailure.slow(error) ? slowInARow + 1 : 0))
                .flatMap(slow -> writeEach(batch, from + 1, slow));
    }

    private Mono<Void> whileAway(List<Waiting> batch) {
        return once(batch).retryWhen(backoff(Long.MAX_VALUE).filter(Completer::isDatabaseAway));
    }

    /** Nothing of what is written is to blame, and all of it waits together. */
    private static boolean isDatabaseAway(Throwable error) {
        return DatabaseFailure.passing(error) && !DatabaseFailure.slow(error);
    }

    private Mono<Void> once(List<Waiting> batch) {
        List<Completed> outcomes = batch.stream().map(one -> one.completed).toList();
        return Mono.defer(() -> {
                    long started = System.nanoTime();
                    return queue.complete(outcomes).doOnNext(attempts -> {
                        written(outcomes, attempts, System.nanoTime() - started);
                        settle(batch);
                    });
                })
                .doOnError(error -> failed(batch, error))
                .then();
    }

    private void failed(List<Waiting> batch, Throwable error) {
        String reason = DatabaseFailure.reason(error);
        events.emit(new Event.WriteBackFailed(batch.size(), reason));
        boolean knownSlow = batch.get(0).slowSince != 0;
        if (isDatabaseAway(error) || (DatabaseFailure.slow(error) && !knownSlow)) {
            stuck = true;
            health.unwritten(reason);
        } else if (stuck && knownSlow) {
            // It may be the row alone: another is to show it.
            probe.set(true);
            look.run();
        }
    }

    private Mono<Void> failedAlone(Waiting one, Throwable error) {
        return DatabaseFailure.slow(error) ? stepBack(one, error) : tryFewTimesThenPark(one);
    }

    /** Waits without a writer, so that others get through meanwhile. Only when they do is it the row that is slow. */
    private Mono<Void> stepBack(Waiting one, Throwable error) {
        long now = System.nanoTime();
        long written = batchesWritten.get();
        if (one.slowSince == 0 || written == one.writtenThen) {
            one.slowSince = now;
        }
        one.writtenThen = written;
        return now - one.slowSince < PATIENCE.toNanos()
                ? later(one)
                : park(one, error).onErrorResume(e -> later(one));
    }

    private Mono<Void> later(Waiting one) {
        return Mono.fromRunnable(() -> writes.start(Mono.delay(STEP_BACK).doOnNext(tick -> {
            add(one);
            startWriter();
        })));
    }

    /**
     * A result that fails alone: a few tries more, as a migration may be changing a trigger just now, then the request is kept
     * in the queue with the reason. Where even that fails the schema itself is in trouble, and all of it is tried again.
     */
    private Mono<Void> tryFewTimesThenPark(Waiting one) {
        return once(List.of(one))
                .retryWhen(backoff(TRIES_ALONE))
                .onErrorResume(error -> park(one, error))
                .retryWhen(backoff(Long.MAX_VALUE));
    }

    private Mono<Void> park(Waiting one, Throwable error) {
        Throwable cause = Exceptions.isRetryExhausted(error) && error.getCause() != null ? error.getCause() : error;
        String reason = "The response came but could not be stored: " + DatabaseFailure.reason(cause);
        Attempt attempt = Attempt.of(one.completed.request());
        return queue.park(attempt, reason)
                .doOnNext(parked -> {
                    long id = one.completed.request().id();
                    events.emit(parked ? new Event.Parked(id, reason) : new Event.LeaseLost(List.of(id)));
                    written();
                    settle(List.of(one));
                })
                .then();
    }

    private RetryBackoffSpec backoff(long tries) {
        return Retry.backoff(tries, Duration.ofMillis(50))
                .maxBackoff(maxBackoff)
                .jitter(0.5);
    }

    private void written(List<Completed> batch, Set<Attempt> attempts, long nanos) {
        batchesWritten.incrementAndGet();
        written();
        events.emit(new Event.WrittenBack(attempts.size(), Duration.ofNanos(nanos)));
        List<Long> lost = batch.stream()
                .map(Completed::request)
                .filter(request -> !attempts.contains(Attempt.of(request)))
                .map(QueuedRequest::id)
                .toList();
        if (!lost.isEmpty()) {
            events.emit(new Event.LeaseLost(lost));
        }
    }

    /** The database has taken something: claims go on. */
    private void written() {
        stuck = false;
        health.written();
    }

    /** All places first, then one ring: a claim fills them together, and none is missed. */
    private void settle(List<Waiting> batch) {
        freed.accept(batch.stream().map(one -> one.completed).toList());
        batch.forEach(one -> one.done.tryEmitEmpty());
    }
}
