package io.pgnetty.bridge;

import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.request.Completed;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A result on its way into the database. Passed from thread to thread through queues, and used by one at a time. */
final class PendingResult {

    private volatile Completed completed;
    private final Runnable freeMemory;
    private final Sinks.Empty<Void> done = Sinks.empty();

    /** Since when it has been too slow while others were written, 0 for never; and what had been written when last seen. */
    long slowSince;

    long acceptedThen;

    /** Whether its request has a lease of its own. */
    boolean isolated;

    /** How often it was refused alone. */
    int triesAlone;

    /** How often it has stepped back because its row was locked. */
    int lockedTimes;

    /** Whether it takes no slot while it waits to be written alone. */
    boolean exempt;

    /** @param freeMemory gives back what the response has of the memory for bodies */
    PendingResult(Completed completed, Runnable freeMemory) {
        this.completed = completed;
        this.freeMemory = freeMemory;
    }

    Completed completed() {
        return completed;
    }

    /** The lease that holds its request. */
    long lease() {
        return completed.request().lease();
    }

    /** Another lease holds its request now. */
    void heldBy(long lease) {
        completed = completed.heldBy(lease);
    }

    /** What it adds to a write-back, roughly, in bytes. */
    long weight() {
        return RequestQueue.weight(completed);
    }

    void freeMemory() {
        freeMemory.run();
    }

    /** Completes when the result is in the database, or dropped, or its request parked. */
    Mono<Void> done() {
        return done.asMono();
    }

    void settle() {
        done.tryEmitEmpty();
    }
}
