package io.pgnetty.bridge;

import io.pgnetty.http.HttpSender;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.BridgeStatements;
import io.pgnetty.postgres.Claim;
import io.pgnetty.postgres.ClaimTerms;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.request.Completed;
import io.pgnetty.request.HostRules;
import java.time.Duration;
import java.util.List;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Polls the queue when woken, claims for free slots only, and takes each request through send and write-back. A slot is
 * free again when the outcome is there, so that the next are sent while it is written; as many results as there are slots may
 * wait for the database, so that a slow one slows the claims and memory stays flat. Wake-ups that come during a poll count as one.
 */
final class Dispatcher {

    /** Request bodies in memory at most, but for one: an eighth of the heap, as responses and copies need room as well. */
    private static final long MAX_BODY_BYTES = Runtime.getRuntime().maxMemory() / 8;

    /** Results that wait to be written alone, and take no slot: this many of them may always wait, and this many bytes at most. */
    private static final int MIN_STRAGGLERS = 1_000;

    private static final long MAX_STRAGGLER_BYTES = Runtime.getRuntime().maxMemory() / 16;

    private static final int MIN_CLAIM = 16;

    /** Until a host that is held back may be looked at again, at least. */
    private static final Duration MIN_ALARM = Duration.ofMillis(2);

    private final RequestQueue queue;
    private final Leases leases;
    private final OtherBridges others;
    private final Completer completer;
    private final WriteGate gate;
    private final Health health;
    private final Events events;
    private final int slots;

    /** Requests per claim at most: other bridges, if there are any, claim their part of a burst meanwhile. */
    private volatile int mostAtOnce;

    private final Delivery delivery;
    private final ShortageGuard shortage;
    private final Disposable.Swap alarm = Disposables.swap();

    private final Reconciliation reconciliation;
    private final Listener listener;
    private final WakeSignal wakeUp = new WakeSignal();

    /** Changed by one poll at a time. */
    private volatile ClaimPlan plan = ClaimPlan.FIRST;

    /** Whether a slot that becomes free must poll: the last poll left requests behind, or may have. */
    private volatile boolean moreWaits;

    private volatile boolean claiming;
    private volatile boolean stopped;
    private final Sinks.Empty<Void> stopping = Sinks.empty();

    /** What a poll found. */
    enum Found {
        NOTHING,
        SOME,
        /** More than there are slots for, or than is claimed at once. */
        MORE
    }

    /** Who is told of what the dispatcher does. */
    interface Listener {
        /** A batch of results is in the database. */
        void onRecorded(List<Completed> batch);

        /** A poll has ended. */
        void onPolled(Found found);
    }

    /** @param slots requests in flight at most */
    Dispatcher(BridgeStatements statements, HttpSender sender, Shared shared, int slots, Listener listener) {
        this.queue = statements.requests();
        this.reconciliation = new Reconciliation(queue, statements.maintenance(), shared);
        this.leases = shared.leases();
        this.others = shared.others();
        this.health = shared.health();
        this.events = shared.events();
        this.listener = listener;
        this.slots = slots;
        this.mostAtOnce = Math.max(MIN_CLAIM, slots / 8);
        this.gate = new WriteGate(slots, Math.max(MIN_STRAGGLERS, 4 * slots), MAX_STRAGGLER_BYTES);
        this.completer = new Completer(
                new WriteBack(queue, gate, shared, this::batchRecorded), gate, new WritePace(slots), this::wake);
        this.shortage = new ShortageGuard(shared, slots, this::wake);
        this.delivery = new Delivery(sender, shared, statements.hosts(), completer, shortage, this::wake);
    }

    /** Polls now, or once more when a poll is under way. */
    void wake() {
        wakeUp.wake();
    }

    /** The next claim first makes sure that this is still the same database: there was a new connection. */
    void verify() {
        reconciliation.connected();
    }

    /** Whether there is no other bridge to share with. */
    void setPeers(boolean hasPeers) {
        mostAtOnce = Math.max(MIN_CLAIM, slots / (hasPeers ? 8 : 2));
    }

    /** What rules say about the circuit breakers of hosts. */
    void rules(HostRules rules) {
        delivery.rules(rules);
    }

    /** The pipeline; runs while subscribed to. Does not error, unless there is a bug. */
    Flux<Void> run() {
        return wakeUp.wakes().concatMap(wake -> poll(), 1).flatMap(delivery::deliver, gate.mostHeld(), 1);
    }

    /** No more claims; what a claim under way still brings is given back unsent. */
    void stop() {
        stopped = true;
        stopping.tryEmitEmpty();
    }

    /** Whether nothing is held and no claim is under way. */
    boolean idle() {
        return !claiming && leases.count() == 0;
    }

    /** Ends the write-backs that still wait for the database. */
    void close() {
        alarm.dispose();
        shortage.close();
        delivery.close();
        completer.close();
    }

    private void batchRecorded(List<Completed> batch, boolean inOrder) {
        batch.forEach(completed -> leases.drop(completed.request()));
        listener.onRecorded(batch);
        if (moreWaits || inOrder) {
            wake();
        }
    }

    private Flux<HeldRequest> poll() {
        return Flux.defer(() -> {
                    claiming = true;
                    if (stopped) {
                        return Flux.empty();
                    }
                    // Before the slots are counted: a result that is recorded from here on wakes the dispatcher again.
                    moreWaits = true;
                    int free = shortage.free(gate.free(leases.inFlight(), leases.count()), leases.inFlight());
                    long room = MAX_BODY_BYTES - leases.bytes();
                    if (free <= 0 || room <= 0) {
                        // A result that is recorded polls again.
                        listener.onPolled(Found.MORE);
                        return shortage.isActive()
                                ? reconciliation.recovered().onErrorComplete().thenMany(Flux.empty())
                                : Flux.empty();
                    }
                    return reconciliation
                            .verified()
                            .then(Mono.defer(reconciliation::recovered))
                            .then(Mono.defer(() -> claim(free, room)))
                            .flatMapIterable(held -> held)
                            .onErrorResume(this::claimFailed);
                })
                // Before the completion goes on: with it the next poll begins.
                .doOnTerminate(() -> claiming = false);
    }

    private Mono<List<HeldRequest>> claim(int free, long room) {
        DualClockInstant started = DualClockInstant.now();
        int limit = Math.min(free, mostAtOnce);
        ClaimTerms terms =
                new ClaimTerms(limit, room, plan.hosts(limit), slots, plan.turns(), leases.holdings(), others.hosts());
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
            listener.onPolled(claim.requests().isEmpty() ? Found.NOTHING : claim.more() ? Found.MORE : Found.SOME);
            return nextPoll(claim, free).thenReturn(held);
        });
    }

    private Mono<Void> nextPoll(Claim claim, int free) {
        return switch (plan.next(claim.requests().size(), claim.more(), free)) {
            case CLAIM -> Mono.fromRunnable(this::wake);
            case PAUSE -> pollAfterPause();
            case WAIT -> Mono.empty();
        };
    }

    private Mono<Void> pollAfterPause() {
        return Mono.firstWithSignal(Mono.delay(plan.pause()).then(), stopping.asMono())
                .doOnTerminate(this::wake);
    }

    /** Polls again after a pause that grows; wake-ups that come meanwhile wait for it. */
    private Flux<HeldRequest> claimFailed(Throwable error) {
        leases.orphaned();
        plan = plan.failed(error);
        health.claimFailed(error, plan.pause());
        return pollAfterPause().thenMany(Flux.empty());
    }
}
