package io.pgnetty.bridge;

import io.pgnetty.http.ByteBudget;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
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

    /** Hosts that a claim looks at, at most: some 90 ms of the database's time. */
    private static final int MAX_HOSTS = 10_000;

    /** Half a million paused hosts. */
    private static final int MAX_EMPTY_CLAIMS = 60;

    /** Until a host that is held back may be looked at again, at least. */
    private static final Duration MIN_ALARM = Duration.ofMillis(2);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(25);

    private final RequestQueue queue;
    private final HttpSender sender;
    private final Leases leases;
    private final Completer completer;
    private final WriteGate gate;
    private final Health health;
    private final Events events;
    private final int places;

    /** Requests a claim at most: a burst is shared with the other replicas, if there are any, who claim meanwhile. */
    private volatile int mostAtOnce;

    private final Breakers breakers;
    private final Hops hops;
    private final Disposable.Swap alarm = Disposables.swap();

    private final Duration maxBackoff;
    private final RetryPolicy retries;
    private final Upkeep upkeep;
    private final Consumer<List<Completed>> written;
    private final Consumer<Look> looked;
    private final WakeUp wakeUp = new WakeUp();

    /** The host behind which the next claim goes on. */
    private volatile String lastHost = "";

    /** Whether a place that becomes free must look: the last look left something behind, or may have. */
    private volatile boolean moreWaits;

    /** Claims one after another that found nothing but paused hosts. */
    private volatile int emptyClaims;

    private volatile Duration pause = FIRST_PAUSE;
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

    /**
     * @param written takes each batch of results that is in the database
     * @param looked is told of each look
     */
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
            Events events,
            Consumer<Look> looked) {
        this.looked = looked;
        this.queue = queue;
        this.upkeep = upkeep;
        this.retries = retries;
        this.written = written;
        this.sender = sender;
        this.leases = leases;
        this.places = places;
        this.mostAtOnce = Math.max(MIN_CLAIM, places / 8);
        this.breakers = new Breakers(queue, events);
        this.hops = new Hops(queue);
        this.maxBackoff = maxBackoff;
        this.health = health;
        this.events = events;
        this.gate = new WriteGate(places, Math.max(MIN_STRAGGLERS, 4 * places), MAX_STRAGGLER_BYTES);
        this.completer =
                new Completer(new WriteBack(queue, gate, health, events, leases, this::writtenBack), gate, this::wake);
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

    /** The pipeline; runs while subscribed to. Does not error, unless there is a bug. */
    Flux<Void> run() {
        return wakeUp.wakes().concatMap(wake -> look(), 1).flatMap(this::deliver, gate.mostHeld(), 1);
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
        breakers.close();
        hops.close();
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
                    // Before the places are counted: what is written from here on rings, and no ring is lost.
                    moreWaits = true;
                    int free = gate.free(leases.undecided(), leases.count());
                    long room = MAX_BODY_BYTES - leases.bytes();
                    if (free <= 0 || room <= 0) {
                        // A result that is written looks again.
                        looked.accept(Look.MORE);
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
        Moment started = Moment.now();
        int limit = Math.min(free, mostAtOnce);
        // More hosts than places, as some may be paused; and ever more when none but those are found.
        int hosts = Math.min((2 * limit + 16) << Math.min(emptyClaims, 10), MAX_HOSTS);
        return queue.claim(limit, room, lastHost, hosts).flatMap(claim -> {
            health.reached();
            events.emit(new Event.Claimed(claim.requests().size(), Duration.ofNanos(started.elapsedNanos())));
            List<Leases.Held> held = claim.requests().stream()
                    .map(request -> leases.hold(request, started))
                    .toList();
            lastHost = claim.lastHost();
            if (stopped) {
                return leases.release(held).thenReturn(List.<Leases.Held>of());
            }
            moreWaits = claim.more() || claim.heldBack();
            claim.nextIn()
                    .ifPresent(in -> alarm.update(Mono.delay(in.compareTo(MIN_ALARM) < 0 ? MIN_ALARM : in)
                            .subscribe(tick -> wake())));
            looked.accept(claim.requests().isEmpty() ? Look.NOTHING : claim.more() ? Look.MORE : Look.SOME);
            return nextLook(claim, free).thenReturn(held);
        });
    }

    /** When there may be more and places for it, looks on; after many finds of nothing more and more seldom. */
    private Mono<Void> nextLook(Claim claim, int free) {
        emptyClaims = claim.requests().isEmpty() && claim.more() ? emptyClaims + 1 : 0;
        if (emptyClaims > MAX_EMPTY_CLAIMS) {
            return lookAfterPause();
        }
        pause = FIRST_PAUSE;
        return claim.more() && claim.requests().size() < free ? Mono.fromRunnable(this::wake) : Mono.empty();
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

    private Mono<Void> deliver(Leases.Held held) {
        ByteBudget.Reservation memory = sender.memory().open(held.request().host());
        return Mono.defer(() -> {
                    if (!leases.mayBegin(held)) {
                        leases.giveUp(held);
                        return Mono.<Void>empty();
                    }
                    QueuedRequest request = held.request();
                    long started = System.nanoTime();
                    held.begun();
                    events.emit(new Event.Sending(request, request.waited()));
                    return sender.send(request, () -> leases.mayGoOn(held), hops.of(request), memory)
                            .takeUntilOther(held.lost())
                            .onErrorResume(bug -> {
                                events.emit(new Event.Unexplained(request.id(), bug));
                                return Mono.just(new Outcome.Failed(
                                        FailureKind.OTHER, "Sending failed inside the bridge, whose log has more"));
                            })
                            // Given up meanwhile: somebody else may be sending it by now.
                            .filter(outcome -> leases.decide(held))
                            .map(outcome -> completed(request, outcome, started))
                            .switchIfEmpty(Mono.fromRunnable(() -> leases.giveUp(held)))
                            .flatMap(completed -> completer.write(completed, memory::close));
                })
                .doFinally(signal -> {
                    memory.close();
                    // What was written back is gone from here already, with one ring for the whole batch. What was not
                    // sent goes back with the next look.
                    if (leases.drop(held.request())) {
                        leases.strayed();
                        wake();
                    }
                });
    }

    private Completed completed(QueuedRequest request, Outcome outcome, long started) {
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        Verdict verdict = retries.decide(request, outcome);
        events.emit(new Event.Sent(request, outcome, verdict, took));
        breakers.ended(request, outcome);
        return new Completed(request, outcome, verdict, started, took);
    }
}
