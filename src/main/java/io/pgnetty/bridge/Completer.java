package io.pgnetty.bridge;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.postgres.RequestQueue.Attempt;
import io.pgnetty.request.Completed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;
import reactor.util.retry.RetryBackoffSpec;

/**
 * Writes outcomes back in batches. A batch goes out as soon as a writer is free, so that it is one row when little happens
 * and grows with the load. Bounded by the dispatcher, which gives a place free only after the write. A write that fails for
 * a passing reason is tried again for as long as it takes; one that a row is to blame for is written row by row.
 */
final class Completer {

    private static final int WRITERS = 2;
    private static final int MAX_ROWS = 500;
    private static final long MAX_BYTES = 8L << 20;
    private static final long TRIES_ALONE = 3;

    private final RequestQueue queue;
    private final Events events;
    private final Duration maxBackoff;
    private final Consumer<List<Completed>> freed;
    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger writers = new AtomicInteger();
    private final Disposable.Composite writes = Disposables.composite();

    /** @param freed takes each batch that is done with, to give its places free */
    Completer(RequestQueue queue, Duration maxBackoff, Events events, Consumer<List<Completed>> freed) {
        this.queue = queue;
        this.maxBackoff = maxBackoff;
        this.events = events;
        this.freed = freed;
    }

    private record Waiting(Completed completed, Sinks.Empty<Void> done) {}

    /** Completes when the outcome is in the database, or has lost its lease, or is parked. Never errors. */
    Mono<Void> write(Completed completed) {
        return Mono.defer(() -> {
            Waiting one = new Waiting(completed, Sinks.empty());
            waiting.add(one);
            startWriter();
            return one.done().asMono();
        });
    }

    private void startWriter() {
        while (!waiting.isEmpty()) {
            int busy = writers.get();
            if (busy >= WRITERS) {
                return;
            }
            if (writers.compareAndSet(busy, busy + 1)) {
                List<Waiting> batch = nextBatch();
                if (batch.isEmpty()) {
                    // Another writer took it; look again, in case one was added since.
                    writers.decrementAndGet();
                    continue;
                }
                write(batch);
            }
        }
    }

    private void write(List<Waiting> batch) {
        Disposable.Swap writing = Disposables.swap();
        writes.add(writing);
        writing.update(writeBatch(batch.stream().map(Waiting::completed).toList())
                .doFinally(signal -> {
                    writers.decrementAndGet();
                    writes.remove(writing);
                    // All places first, then one ring: a claim fills them together, and none is missed.
                    freed.accept(batch.stream().map(Waiting::completed).toList());
                    batch.forEach(one -> one.done().tryEmitEmpty());
                    startWriter();
                })
                .subscribe());
    }

    /** Gives up what still waits: its leases end, and somebody else sends it. */
    void close() {
        writes.dispose();
    }

    private List<Waiting> nextBatch() {
        List<Waiting> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.size() < MAX_ROWS && bytes < MAX_BYTES) {
            Waiting one = waiting.poll();
            if (one == null) {
                break;
            }
            bytes += RequestQueue.weight(one.completed());
            batch.add(one);
        }
        return batch;
    }

    private Mono<Void> writeBatch(List<Completed> batch) {
        return once(batch)
                .retryWhen(backoff(Long.MAX_VALUE).filter(DatabaseFailure::passing))
                .onErrorResume(error -> batch.size() > 1
                        ? Flux.fromIterable(batch)
                                .concatMap(one -> writeBatch(List.of(one)))
                                .then()
                        : writeOrPark(batch.get(0)));
    }

    private Mono<Void> once(List<Completed> batch) {
        return Mono.defer(() -> {
                    long started = System.nanoTime();
                    return queue.complete(batch).doOnNext(ids -> written(batch, ids, System.nanoTime() - started));
                })
                .doOnError(error -> events.emit(new Event.WriteBackFailed(batch.size(), DatabaseFailure.reason(error))))
                .then();
    }

    /**
     * A result that fails alone: a few tries more, as a migration may be changing a trigger just now, then the request is kept
     * in the queue with the reason. Where even that fails the schema itself is in trouble, and all of it is tried again.
     */
    private Mono<Void> writeOrPark(Completed one) {
        return once(List.of(one))
                .retryWhen(backoff(TRIES_ALONE))
                .onErrorResume(error -> park(one, error))
                .retryWhen(backoff(Long.MAX_VALUE));
    }

    private Mono<Void> park(Completed one, Throwable error) {
        Throwable cause = Exceptions.isRetryExhausted(error) && error.getCause() != null ? error.getCause() : error;
        String reason = "The response came but could not be stored: " + DatabaseFailure.reason(cause);
        Attempt attempt = Attempt.of(one.request());
        return queue.park(attempt, reason)
                .doOnNext(parked -> events.emit(new Event.Parked(one.request().id(), reason)))
                .then();
    }

    private RetryBackoffSpec backoff(long tries) {
        return Retry.backoff(tries, Duration.ofMillis(50))
                .maxBackoff(maxBackoff)
                .jitter(0.5);
    }

    private void written(List<Completed> batch, Set<Long> ids, long nanos) {
        events.emit(new Event.WrittenBack(ids.size(), Duration.ofNanos(nanos)));
        List<Long> lost = batch.stream()
                .map(completed -> completed.request().id())
                .filter(id -> !ids.contains(id))
                .toList();
        if (!lost.isEmpty()) {
            events.emit(new Event.LeaseLost(lost));
        }
    }
}
