package io.pgnetty.bridge;

import io.pgnetty.http.HttpSender;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.postgres.RequestQueue.Claim;
import io.pgnetty.postgres.Upkeep;
import io.pgnetty.request.Completed;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import io.pgnetty.request.RetryPolicy;
import io.pgnetty.request.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Looks at the queue when woken, claims for free places only, and takes each request through send and write-back. A place is
 * free again when the result is in the database, so that a slow database slows the claims and memory stays flat. Wake-ups
 * that come during a look are one.
 */
final class Dispatcher {

    /** Request bodies in memory at most, but for one: an eighth of the heap, as responses and copies need room as well. */
    private static final long MAX_BODY_BYTES = Runtime.getRuntime().maxMemory() / 8;

    private static final int MIN_CLAIM = 16;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(25);

    private final RequestQueue queue;
    private final HttpSender sender;
    private final Leases leases;
    private final Completer completer;
    private final Health health;
    private final Events events;
    private final int places;

    /** Requests a claim at most: a burst is shared with the other replicas, who claim meanwhile. */
    private final int mostAtOnce;

    private final Duration maxBackoff;
    private final RetryPolicy retries;
    private final Upkeep upkeep;
    private final Consumer<List<Completed>> written;
    private final WakeUp wakeUp = new WakeUp();

    /** The host behind which the next claim goes on. */
    private volatile String lastHost = "";

    /** Whether a place that becomes free must look: the last look left something behind, or may have. */
    private volatile boolean moreWaits;

    private volatile Duration pause = FIRST_PAUSE;
    private volatile boolean claiming;
    private volatile boolean unverified;
    private volatile boolean stopped;

    /** @param written takes each batch of results that is in the database */
    Dispatcher(
            RequestQueue queue,
            Upkeep upkeep,
            HttpSender sender,
            Leases leases,
            RetryPolicy retries,
            Consumer<List<Completed>> written,
            int places,
            Duration maxBackoff,
            Health health,
            Events events) {
        this.queue = queue;
        this.upkeep = upkeep;
        this.retries = retries;
        this.written = written;
        this.sender = sender;
        this.leases = leases;
        this.places = places;
        this.mostAtOnce = Math.max(MIN_CLAIM, places / 8);
        this.maxBackoff = maxBackoff;
        this.health = health;
        this.events = events;
        this.completer = new Completer(queue, maxBackoff, health, events, this::writtenBack);
    }

    /** Looks at the queue now, or once more when a look is under way. */
    void wake() {
        wakeUp.wake();
    }

    /** The next claim first makes sure that this is still the same database: there was a new connection. */
    void verify() {
        unverified = true;
    }

    /** The pipeline; runs while subscribed to. Does not error, unless there is a bug. */
    Flux<Void> run() {
        return wakeUp.wakes().concatMap(wake -> look(), 1).flatMap(this::deliver, places, 1);
    }

    /** No more claims; what a claim under way still brings is given back unsent. */
    void stop() {
        stopped = true;
    }

    /** Whether nothing is held and no claim is under way. */
    boolean idle() {
        return !claiming && leases.count() == 0;
    }

    /** Ends the write-backs that still wait for the database. */
    void close() {
        completer.close();
    }

    private void writtenBack(List<Completed> batch) {
        batch.forEach(completed -> leases.drop(completed.request()));
        written.accept(batch);
        placesFreed();
    }

    private void placesFreed() {
        if (moreWaits) {
            wake();
        }
    }

    private Flux<Leases.Held> look() {
        return Flux.defer(() -> {
                    claiming = true;
                    if (stopped) {
                        return Flux.empty();
                    }
                    // Before the places are counted: one that becomes free from here on rings, and no ring is lost.
                    moreWaits = true;
                    int free = places - leases.count();
                    long room = MAX_BODY_BYTES - leases.bytes();
                    if (free <= 0 || room <= 0 || !health.writes()) {
                        // A result that is written looks again.
                        return Flux.empty();
                    }
                    return verified()
                            .then(Mono.defer(this::recovered))
                            .then(Mono.defer(() -> claim(free, room)))
                            .flatMapIterable(held -> held)
                            .onErrorResume(this::claimFailed);
                })
                // Before the completion goes on: with it the next look begins.
                .doOnTerminate(() -> claiming = false);
    }

    private Mono<List<Leases.Held>> claim(int free, long room) {
        long started = System.nanoTime();
        return queue.claim(Math.min(free, mostAtOnce), room, lastHost).flatMap(claim -> {
            health.reached();
            events.emit(new Event.Claimed(claim.requests().size(), Duration.ofNanos(System.nanoTime() - started)));
            List<Leases.Held> held = claim.requests().stream()
                    .map(request -> leases.hold(request, started))
                    .toList();
            lastHost = claim.lastHost();
            if (stopped) {
                return leases.release(held).thenReturn(List.<Leases.Held>of());
            }
            moreWaits = claim.more();
            return nextLook(claim, free).thenReturn(held);
        });
    }

    /** When there may be more and places for it, looks on: at once after a find, else more and more seldom. */
    private Mono<Void> nextLook(Claim claim, int free) {
        if (!claim.requests().isEmpty()) {
            pause = FIRST_PAUSE;
            return claim.more() && claim.requests().size() < free ? Mono.fromRunnable(this::wake) : Mono.empty();
        }
        return claim.more() ? lookAfterPause() : Mono.empty();
    }

    private Mono<Void> lookAfterPause() {
        Duration next = pause.multipliedBy(2);
        pause = next.compareTo(maxBackoff) > 0 ? maxBackoff : next;
        return Mono.delay(pause).doOnNext(tick -> wake()).then();
    }

    /** Looks again after a pause that grows; wake-ups that come meanwhile wait for it. */
    private Flux<Leases.Held> claimFailed(Throwable error) {
        leases.strayed();
        health.cutOff(error);
        return lookAfterPause().thenMany(Flux.empty());
    }

    private Mono<Void> verified() {
        return unverified ? upkeep.verifyIdentity().doOnSuccess(same -> unverified = false) : Mono.empty();
    }

    /** A claim that failed may have succeeded in the database: what we own and do not hold goes back first. */
    private Mono<Void> recovered() {
        if (!leases.takeStrayed()) {
            return Mono.empty();
        }
        return queue.recover(leases.attempts())
                .doOnError(error -> leases.strayed())
                .filter(count -> count > 0)
                .doOnNext(count -> events.emit(new Event.Requeued(count)))
                .then();
    }

    private Mono<Void> deliver(Leases.Held held) {
        return Mono.defer(() -> {
                    if (!leases.mayBegin(held)) {
                        leases.giveUp(held);
                        return Mono.<Void>empty();
                    }
                    QueuedRequest request = held.request();
                    long started = System.nanoTime();
                    events.emit(new Event.Sending(request, request.waited()));
                    return sender.send(request, () -> leases.mayGoOn(held))
                            .takeUntilOther(held.lost())
                            .onErrorResume(bug -> {
                                events.emit(new Event.Unexplained(request.id(), bug));
                                return Mono.just(new Outcome.Failed(
                                        FailureKind.OTHER, "Sending failed inside the bridge, whose log has more"));
                            })
                            .map(outcome -> completed(held, outcome, started))
                            .switchIfEmpty(Mono.fromRunnable(() -> leases.giveUp(held)))
                            .flatMap(completer::write);
                })
                .doFinally(signal -> {
                    // What was written back is gone from here already, with one ring for the whole batch. What was not
                    // sent goes back with the next look.
                    if (leases.drop(held.request())) {
                        wake();
                    }
                });
    }

    private Completed completed(Leases.Held held, Outcome outcome, long started) {
        held.answered();
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        Verdict verdict = retries.decide(held.request(), outcome);
        events.emit(new Event.Sent(held.request(), outcome, verdict, took));
        return new Completed(held.request(), outcome, verdict, started, took);
    }
}
