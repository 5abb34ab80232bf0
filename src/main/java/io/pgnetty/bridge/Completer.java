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
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.util.retry.Retry;

/**
 * Writes outcomes back in batches. A batch goes out as soon as a writer is free, so that it is one row when little happens
 * and grows with the load. Bounded by the dispatcher, which gives a place free only after the write. A write that fails for
 * a passing reason is tried again for as long as it takes; one that a row is to blame for is written row by row.
 */
final class Completer {

    private static final int WRITERS = 2;
    private static final int MAX_ROWS = 500;
    private static final long MAX_BYTES = 8L << 20;

    private final RequestQueue queue;
    private final Events events;
    private final Duration maxBackoff;
    private final Runnable freed;
    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger writers = new AtomicInteger();

    /** @param freed called after each batch, when places have become free */
    Completer(RequestQueue queue, Duration maxBackoff, Events events, Runnable freed) {
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
                writeBatch(batch.stream().map(Waiting::completed).toList())
                        .doFinally(signal -> {
                            writers.decrementAndGet();
                            batch.forEach(one -> one.done().tryEmitEmpty());
                            freed.run();
                            startWriter();
                        })
                        .subscribe();
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
            bytes += RequestQueue.weight(one.completed());
            batch.add(one);
        }
        return batch;
    }

    private Mono<Void> writeBatch(List<Completed> batch) {
        return once(batch)
                .onErrorResume(error -> batch.size() > 1
                        ? Flux.fromIterable(batch)
                                .concatMap(one -> writeBatch(List.of(one)))
                                .then()
                        : park(batch.get(0), error));
    }

    /** Errors only when the batch itself is to blame. */
    private Mono<Void> once(List<Completed> batch) {
        return Mono.defer(() -> {
                    long started = System.nanoTime();
                    return queue.complete(batch).doOnNext(ids -> written(batch, ids, System.nanoTime() - started));
                })
                .doOnError(error -> events.emit(new Event.WriteBackFailed(batch.size(), DatabaseFailure.reason(error))))
                .retryWhen(passing())
                .then();
    }

    private Mono<Void> park(Completed one, Throwable error) {
        String reason = "The response came but could not be stored: " + DatabaseFailure.reason(error);
        Attempt attempt = new Attempt(one.request().id(), one.request().attempt());
        return queue.park(attempt, reason)
                .doOnNext(parked -> events.emit(new Event.Parked(one.request().id(), reason)))
                .retryWhen(passing())
                // Nothing is left to try: the lease runs out and the request is sent again.
                .onErrorResume(again -> {
                    events.emit(new Event.WriteBackFailed(1, DatabaseFailure.reason(again)));
                    return Mono.empty();
                })
                .then();
    }

    private Retry passing() {
        return Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(50))
                .maxBackoff(maxBackoff)
                .jitter(0.5)
                .filter(DatabaseFailure::passing);
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
