package io.pgnetty.bridge;

import io.pgnetty.config.LeaseTimings;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.Attempt;
import io.pgnetty.postgres.Holding;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/**
 * What this bridge has claimed and not yet written back, with the age of each lease on the local clocks, counted from before
 * the claim or the extension was issued: a lease ends here earlier than it does in the database.
 */
final class Leases {

    private static final Duration SOON = Duration.ofMillis(150);

    private final RequestQueue queue;
    private final LeaseTimings timings;
    private final Events events;
    private final Map<Long, HeldRequest> held = new ConcurrentHashMap<>();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean orphaned = new AtomicBoolean();

    Leases(RequestQueue queue, LeaseTimings timings, Events events) {
        this.queue = queue;
        this.timings = timings;
        this.events = events;
    }

    /** Whether a send may begin: not when the lease may be over before it is extended. */
    boolean mayBegin(HeldRequest one) {
        return remaining(one) > timings.beginMargin().toNanos();
    }

    /** Whether a send may go on: not when somebody else may be sending it. */
    boolean mayGoOn(HeldRequest one) {
        return remaining(one) > 0;
    }

    /** What is left of a lease, in nanoseconds. */
    private long remaining(HeldRequest one) {
        return one.remaining(timings.lease());
    }

    /** A send that may not begin, or not go on: says so. Once dropped it has {@link #orphaned}. */
    void giveUp(HeldRequest one) {
        if (one.end()) {
            events.emit(new Event.LeaseLost(List.of(Event.Subject.of(one.request())), Instant.now()));
        }
    }

    /** The database may have leases of ours that we do not hold: they are to be given back. */
    void orphaned() {
        orphaned.set(true);
    }

    /** Whether that was said since this was last asked. */
    boolean takeOrphaned() {
        return orphaned.getAndSet(false);
    }

    /**
     * Takes a claimed request. One that is held already was claimed twice: the database has lost the first claim, in a failover,
     * say. That send is ended, as if its lease were over.
     *
     * @param claimed before the claim was issued
     */
    HeldRequest hold(QueuedRequest request, DualClockInstant claimed) {
        HeldRequest one = new HeldRequest(request, claimed);
        inFlight.incrementAndGet();
        bytes.addAndGet(request.bytesHeld());
        HeldRequest before = held.put(request.id(), one);
        if (before != null) {
            bytes.addAndGet(-before.request().bytesHeld());
            if (decide(before)) {
                giveUp(before);
            }
        }
        return one;
    }

    /** Settles what becomes of its send, once: true for who comes first. */
    boolean decide(HeldRequest one) {
        boolean first = one.decide();
        if (first) {
            inFlight.decrementAndGet();
        }
        return first;
    }

    /** Another lease holds a request now. */
    void moved(QueuedRequest request, long number) {
        HeldRequest one = held.get(request.id());
        if (one != null && one.isOf(request)) {
            one.moved(number);
        }
    }

    /** Forgets a request that is written back, or given up; gives whether it was still held, by this claim of it. */
    boolean drop(QueuedRequest request) {
        HeldRequest one = held.get(request.id());
        if (one == null || !one.isOf(request) || !held.remove(request.id(), one)) {
            return false;
        }
        decide(one);
        bytes.addAndGet(-request.bytesHeld());
        return true;
    }

    /** Requests that are held: claimed, and not yet written back or given up. */
    int count() {
        return held.size();
    }

    /** Those of them that are being sent, or are about to be. */
    int inFlight() {
        return inFlight.get();
    }

    /** Bytes of the request bodies that are held in memory. */
    long bytes() {
        return bytes.get();
    }

    /** Those of them that are being sent, or are about to be, for each role. */
    Collection<Holding> holdings() {
        return Holding.byRole(
                held.values().stream().filter(one -> !one.isDecided()).map(HeldRequest::request));
    }

    Collection<Attempt> attempts() {
        return held.values().stream().map(HeldRequest::attempt).toList();
    }

    /** Extends all leases in the database, then ends the sends of those that are over all the same. */
    Mono<Void> extend() {
        return Mono.defer(() -> {
            Set<Long> leases = attempts().stream().map(Attempt::lease).collect(Collectors.toSet());
            DualClockInstant now = DualClockInstant.now();
            return leases.isEmpty()
                    ? Mono.<Void>empty()
                    : queue.extend(leases)
                            .doOnNext(extended -> held.values().forEach(one -> {
                                if (extended.contains(one.attempt().lease())) {
                                    one.extended(now);
                                }
                            }))
                            .then();
        });
    }

    /**
     * Ends the sends whose lease is about to be over: somebody else may be sending them then. What has its outcome already is
     * left to the write-back and its fence.
     */
    void endOverdue() {
        long margin = timings.endMargin().toNanos();
        List<Event.Subject> lost = held.values().stream()
                .filter(one -> remaining(one) <= margin && decide(one))
                .filter(one -> one.end())
                .map(one -> Event.Subject.of(one.request()))
                .toList();
        if (!lost.isEmpty()) {
            events.emit(new Event.LeaseLost(lost, Instant.now()));
        }
    }

    /** Gives back what was claimed and will not be sent; where that fails, with a later claim. */
    Mono<Void> release(Collection<HeldRequest> unsent) {
        List<Attempt> attempts = unsent.stream().map(HeldRequest::attempt).toList();
        unsent.forEach(one -> drop(one.request()));
        return attempts.isEmpty()
                ? Mono.empty()
                : queue.release(attempts, Set.of())
                        .doOnError(e -> orphaned())
                        .onErrorComplete()
                        .then();
    }

    /** A row that is locked just now, by an extension of ours, say, is given back a moment later. */
    private Mono<Set<Attempt>> releaseAll(List<Attempt> attempts, Set<Attempt> begun) {
        return queue.release(attempts, begun).flatMap(given -> {
            List<Attempt> missing =
                    attempts.stream().filter(one -> !given.contains(one)).toList();
            return missing.isEmpty()
                    ? Mono.just(given)
                    : Mono.delay(SOON).then(queue.release(missing, begun)).map(more -> {
                        Set<Attempt> all = new HashSet<>(given);
                        all.addAll(more);
                        return all;
                    });
        });
    }

    /** What a stop gave back: how many requests, and how many of them were being sent. */
    record Released(int count, int begun) {}

    /** Ends all sends that have no outcome yet and gives their leases back, and what we own in the database and do not hold. */
    Mono<Released> releaseUnanswered() {
        return Mono.defer(() -> {
            // One whose outcome comes just now is left to its write-back.
            List<HeldRequest> ended =
                    held.values().stream().filter(this::decide).toList();
            ended.forEach(HeldRequest::end);
            return releaseEnded(ended)
                    .flatMap(given -> takeOrphaned()
                            ? queue.recover(attempts())
                                    .map(count -> new Released(given.count() + count, given.begun()))
                                    .onErrorReturn(given)
                            : Mono.just(given));
        });
    }

    private Mono<Released> releaseEnded(List<HeldRequest> ended) {
        if (ended.isEmpty()) {
            return Mono.just(new Released(0, 0));
        }
        Set<Attempt> begun = ended.stream()
                .filter(HeldRequest::hasBegun)
                .map(HeldRequest::attempt)
                .collect(Collectors.toCollection(HashSet::new));
        return releaseAll(ended.stream().map(HeldRequest::attempt).toList(), begun)
                .map(given -> {
                    begun.retainAll(given);
                    return new Released(given.size(), begun.size());
                });
    }
}
