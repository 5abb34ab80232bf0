package io.pgnetty.bridge;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.Attempt;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.postgres.WrittenBack;
import io.pgnetty.request.Completed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Writes results and settles those that are done with; tells the gate and the health how it went. */
final class WriteBack {

    private final RequestQueue queue;
    private final Events events;
    private final Health health;
    private final WriteGate gate;
    private final Leases leases;
    private final Freed freed;

    /** Who is told of what is in the database. */
    interface Freed {
        /**
         * Takes the requests that are done with, to give their slots free.
         *
         * @param inOrder whether the next of an ordering_key may be claimed now
         */
        void freed(List<Completed> batch, boolean inOrder);
    }

    WriteBack(RequestQueue queue, WriteGate gate, Shared shared, Freed freed) {
        this.queue = queue;
        this.gate = gate;
        this.leases = shared.leases();
        this.health = shared.health();
        this.events = shared.events();
        this.freed = freed;
    }

    /**
     * Writes a batch, for as long as it takes where the database is away.
     *
     * @param refused is told of each failure
     * @return the results whose rows another transaction has locked; errors where a row may be to blame
     */
    Mono<List<PendingResult>> whileAway(List<PendingResult> batch, Consumer<Throwable> refused) {
        return once(batch, refused)
                .retryWhen(Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(50))
                        .maxBackoff(Backoff.MAX)
                        .jitter(0.5)
                        .filter(WriteBack::isDatabaseAway));
    }

    private Mono<List<PendingResult>> once(List<PendingResult> batch, Consumer<Throwable> refused) {
        List<Completed> outcomes = batch.stream().map(PendingResult::completed).toList();
        return Mono.defer(() -> {
                    long started = System.nanoTime();
                    return queue.complete(outcomes)
                            .map(result -> settled(batch, result, Duration.ofNanos(System.nanoTime() - started)));
                })
                .doOnError(error -> {
                    events.emit(new Event.WriteBackFailed(batch.size(), DatabaseFailure.reason(error)));
                    refused.accept(error);
                });
    }

    /**
     * Gives the request of a result that will be written alone a lease of its own: a write-back has its lease's row while it
     * lasts, and those who share it would not be extended meanwhile. Where that fails it goes on as it is.
     */
    Mono<Void> isolate(PendingResult one) {
        return one.isolated
                ? Mono.empty()
                : queue.isolate(attempt(one))
                        .doOnNext(lease -> {
                            leases.moved(one.completed().request(), lease);
                            one.heldBy(lease);
                        })
                        .doOnSuccess(lease -> one.isolated = true)
                        .onErrorComplete()
                        .then();
    }

    /** Keeps a request whose result cannot be stored in the queue, with the reason. */
    Mono<Void> park(PendingResult one, Throwable error) {
        String reason = "The response came but could not be stored: " + DatabaseFailure.reason(error);
        return queue.park(Attempt.of(one.completed().request()), reason)
                .doOnNext(parked -> {
                    Event.Subject subject = Event.Subject.of(one.completed().request());
                    events.emit(
                            parked
                                    ? new Event.Parked(subject, reason, Instant.now())
                                    : new Event.LeaseLost(List.of(subject), Instant.now()));
                    accepted();
                    // A parked one may have been in the way of others.
                    settle(List.of(one), parked);
                })
                .then();
    }

    /** The results do not get into the database, as far as is known. */
    void refused(Throwable error) {
        gate.refused();
        health.databaseRefused(DatabaseFailure.reason(error));
    }

    /** Nothing of what is written is to blame, and all of it waits together. */
    static boolean isDatabaseAway(Throwable error) {
        return DatabaseFailure.passing(error) && !DatabaseFailure.slow(error);
    }

    private List<PendingResult> settled(List<PendingResult> batch, WrittenBack result, Duration took) {
        accepted();
        events.emit(new Event.WrittenBack(result.written().size(), took));
        List<PendingResult> locked = batch.stream()
                .filter(one -> result.locked().contains(attempt(one)))
                .toList();
        List<PendingResult> done = locked.isEmpty()
                ? batch
                : batch.stream()
                        .filter(one -> !result.locked().contains(attempt(one)))
                        .toList();
        List<Event.Subject> lost = done.stream()
                .filter(one -> !result.written().contains(attempt(one)))
                .map(PendingResult::completed)
                .map(Completed::request)
                .map(Event.Subject::of)
                .toList();
        if (!lost.isEmpty()) {
            events.emit(new Event.LeaseLost(lost, Instant.now()));
        }
        settle(done, result.inOrder());
        return locked;
    }

    private static Attempt attempt(PendingResult one) {
        return Attempt.of(one.completed().request());
    }

    private void accepted() {
        gate.accepted();
        health.databaseAccepted();
    }

    /** All slots first, then one wake-up: a claim fills them together, and none is missed. */
    private void settle(List<PendingResult> done, boolean inOrder) {
        done.stream().filter(one -> one.exempt).forEach(one -> gate.leave(one.weight()));
        freed.freed(done.stream().map(PendingResult::completed).toList(), inOrder);
        done.forEach(PendingResult::settle);
    }
}
