package io.pgnetty.bridge;

import io.pgnetty.http.HttpSender;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.BridgeStatements;
import io.pgnetty.postgres.Claim;
import io.pgnetty.postgres.ClaimTerms;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.postgres.Upkeep;
import io.pgnetty.request.Completed;
import io.pgnetty.request.HostRules;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Looks at the queue when woken, claims for free slots only, and takes each request through send and write-back. A slot is
 * free again when the outcome is there, so that the next are sent while it is written; as many results as there are slots may
 * wait for the database, so that a slow one slows the claims and memory stays flat. Wake-ups that come during a look are one.
 */
final class Dispatcher {

    /** Request bodies in memory at most, but for one: an eighth of the heap, as responses and copies need room as well. */
    private static final long MAX_BODY_BYTES = Runtime.getRuntime().maxMemory() / 8;

    /** Results that wait to be written alone, and take no slot: at least so many of them, and bytes of them at most. */
    private static final int MIN_STRAGGLERS = 1_000;

    private static final long MAX_STRAGGLER_BYTES = Runtime.getRuntime().maxMemory() / 16;

    private static final int MIN_CLAIM = 16;

    /** Until a host that is held back may be looked at again, at least. */
    private static final Duration MIN_ALARM = Duration.ofMillis(2);

    private final RequestQueue queue;
    private final Leases leases;
    private final Completer completer;
    private final WriteGate gate;
    private final Health health;
    private final Events events;
    private final int places;

    /** Requests a claim at most: a burst is shared with the other replicas, if there are any, who claim meanwhile. */
    private volatile int mostAtOnce;

    private final Delivery delivery;
    private final Disposable.Swap alarm = Disposables.swap();

    private final Upkeep upkeep;
    private final Listener listener;
    private final WakeUp wakeUp = new WakeUp();

    /** Changed by one look at a time. */
    private volatile ClaimPlan plan = ClaimPlan.FIRST;

    /** Whether a place that becomes free must look: the last look left something behind, or may have. */
    private volatile boolean moreWaits;

    private volatile boolean claiming;
    private final AtomicBoolean unverified = new AtomicBoolean();
    private volatile boolean stopped;

    /** What a look found. */
    enum Look {
        NOTHING,
        SOME,
        /** More than there are places for, or than is claimed at once. */
        MORE
    }

    /** Who is told of what the dispatcher does. */
    interface Listener {
        /** A batch of results is in the database. */
        void written(List<Completed> batch);

        /** A look has ended. */
        void looked(Look look);
    }

    /** @param places requests in flight at most */
    Dispatcher(BridgeStatements statements, HttpSender sender, Shared shared, int places, Listener listener) {
        this.queue = statements.requests();
        this.upkeep = statements.upkeep();
        this.leases = shared.leases();
        this.health = shared.health();
        this.events = shared.events();
        this.listener = listener;
        this.places = places;
        this.mostAtOnce = Math.max(MIN_CLAIM, places / 8);
        this.gate = new WriteGate(places, Math.max(MIN_STRAGGLERS, 4 * places), MAX_STRAGGLER_BYTES);
        this.completer = new Completer(new WriteBack(queue, gate, shared, this::writtenBack), gate, this::wake);
        this.delivery = new Delivery(sender, shared, statements.hosts(), completer, this::wake);
    }

    /** Looks at the queue now, or once more when a look is under way. */
    void wake() {
        wakeUp.wake();
    }

    /** The next claim first makes sure that this is still the same database: there was a new connection. */
    void verify() {
        unverified.set(true);
    }

    /** Whether there is no other bridge to share with. */
    void alone(boolean alone) {
        mostAtOnce = Math.max(MIN_CLAIM, places / (alone ? 2 : 8));
    }

    /** What rules say about the circuit breakers of hosts. */
    void rules(HostRules rules) {
        delivery.rules(rules);
    }

    /** The pipeline; runs while subscribed to. Does not error, unless there is a bug. */
    Flux<Void> run() {
        return wakeUp.wakes().concatMap(wake -> look(), 1).flatMap(delivery::deliver, gate.mostHeld(), 1);
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
        alarm.dispose();
        delivery.close();
        completer.close();
    }

    private void writtenBack(List<Completed> batch) {
        batch.forEach(completed -> leases.drop(completed.request()));
        listener.written(batch);
        placesFreed();
    }

    private void placesFreed() {
        if (moreWaits) {
            wake();
        }
    }

    private Flux<HeldRequest> look() {
        return Flux.defer(() -> {
                    claiming = true;
                    if (stopped) {
                        return Flux.empty();
                    }
                    // Before the places are counted: what is written from here on rings, and no ring is lost.
                    moreWaits = true;
                    int free = gate.free(leases.undecided(), leases.count());
                    long room = MAX_BODY_BYTES - leases.bytes();
                    if (free <= 0 || room <= 0) {
                        // A result that is written looks again.
                        listener.looked(Look.MORE);
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

    private Mono<List<HeldRequest>> claim(int free, long room) {
        Moment started = Moment.now();
        int limit = Math.min(free, mostAtOnce);
        ClaimTerms terms = new ClaimTerms(limit, room, plan.hosts(limit), places, plan.turns(), leases.holdings());
        return queue.claim(terms).flatMap(claim -> {
            health.reached();
            events.emit(new Event.Claimed(claim.requests().size(), Duration.ofNanos(started.elapsedNanos())));
            List<HeldRequest> held = claim.requests().stream()
                    .map(request -> leases.hold(request, started))
                    .toList();
            plan = plan.found(claim.turns(), claim.requests().size(), claim.more());
            if (stopped) {
                return leases.release(held).thenReturn(List.<HeldRequest>of());
            }
            moreWaits = claim.more() || claim.heldBack();
            claim.nextIn()
                    .ifPresent(in -> alarm.update(Mono.delay(in.compareTo(MIN_ALARM) < 0 ? MIN_ALARM : in)
                            .subscribe(tick -> wake())));
            listener.looked(claim.requests().isEmpty() ? Look.NOTHING : claim.more() ? Look.MORE : Look.SOME);
            return nextLook(claim, free).thenReturn(held);
        });
    }

    private Mono<Void> nextLook(Claim claim, int free) {
        return switch (plan.next(claim.requests().size(), claim.more(), free)) {
            case CLAIM -> Mono.fromRunnable(this::wake);
            case PAUSE -> lookAfterPause();
            case WAIT -> Mono.empty();
        };
    }

    private Mono<Void> lookAfterPause() {
        return Mono.delay(plan.pause()).doOnNext(tick -> wake()).then();
    }

    /** Looks again after a pause that grows; wake-ups that come meanwhile wait for it. */
    private Flux<HeldRequest> claimFailed(Throwable error) {
        leases.strayed();
        health.cutOff(error);
        plan = plan.failed();
        return lookAfterPause().thenMany(Flux.empty());
    }

    /** With each new connection there may be another database behind the name; without LISTEN, at any time. */
    private Mono<Void> verified() {
        return unverified.getAndSet(false) || !health.isListening()
                ? upkeep.verifyIdentity().doOnError(error -> unverified.set(true))
                : Mono.empty();
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
}
