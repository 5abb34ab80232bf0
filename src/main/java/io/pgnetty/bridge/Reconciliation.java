package io.pgnetty.bridge;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.MaintenanceStatements;
import io.pgnetty.postgres.RequestQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;

/** What a claim comes after: what this bridge holds and what the database knows of it are made to agree. */
final class Reconciliation {

    private final RequestQueue queue;
    private final MaintenanceStatements maintenance;
    private final Leases leases;
    private final Health health;
    private final Events events;
    private final AtomicBoolean unverified = new AtomicBoolean();

    Reconciliation(RequestQueue queue, MaintenanceStatements maintenance, Shared shared) {
        this.queue = queue;
        this.maintenance = maintenance;
        this.leases = shared.leases();
        this.health = shared.health();
        this.events = shared.events();
    }

    /** There was a new connection. */
    void connected() {
        unverified.set(true);
    }

    /** With each new connection there may be another database behind the name, or one that went back; without LISTEN, at any time. */
    Mono<Void> verified() {
        return unverified.getAndSet(false) || !health.isListening()
                ? maintenance
                        .verifyIdentity()
                        .then(Mono.defer(() -> queue.passLeases(leases.attempts())))
                        .doOnError(error -> unverified.set(true))
                : Mono.empty();
    }

    /** A claim that failed may have succeeded in the database: what we own and do not hold goes back first. */
    Mono<Void> recovered() {
        if (!leases.takeOrphaned()) {
            return Mono.empty();
        }
        return queue.recover(leases.attempts())
                .doOnError(error -> leases.orphaned())
                .filter(count -> count > 0)
                .doOnNext(count -> events.emit(new Event.Requeued(count)))
                .then();
    }
}
