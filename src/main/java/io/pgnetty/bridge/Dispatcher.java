package io.pgnetty.bridge;

import io.pgnetty.http.HttpSender;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.request.Completed;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Looks at the queue when woken, claims for free places only, and takes each request through send and write-back. A place is
 * free again when the result is in the database, so that a slow database slows the claims and memory stays flat. Wake-ups
 * that come during a look are one.
 */
final class Dispatcher {

    /** Request bodies in memory at most, but for one: an eighth of the heap, as responses and copies need room as well. */
    private static final long MAX_BODY_BYTES = Runtime.getRuntime().maxMemory() / 8;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(25);

    private final RequestQueue queue;
    private final HttpSender sender;
    private final Leases leases;
    private final Completer completer;
    private final Health health;
    private final Events events;
    private final int places;
    private final Duration maxBackoff;
    private final Sinks.Many<Boolean> wakes = Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(1));

    private final AtomicInteger ringing = new AtomicInteger();

    /** Whether a place that becomes free must look: the last look left something behind, or may have. */
    private volatile boolean moreWaits;

    private volatile Duration pause = FIRST_PAUSE;
    private volatile boolean claiming;
    private volatile boolean claimLost;
    private volatile boolean stopped;

    Dispatcher(
            RequestQueue queue,
            HttpSender sender,
            Leases leases,
            int places,
            Duration maxBackoff,
            Health health,
            Events events) {
        this.queue = queue;
        this.sender = sender;
        this.leases = leases;
        this.places = places;
        this.maxBackoff = maxBackoff;
        this.health = health;
        this.events = events;
        this.completer = new Completer(queue, maxBackoff, events, this::writtenBack);
    }

    /** Looks at the queue now, or once more when a look is under way. */
    void wake() {
        // One thread at a time is inside the sink; who comes meanwhile makes it ring once more.
        if (ringing.getAndIncrement() == 0) {
            int rings = 1;
            do {
                // When it is full a wake-up waits already.
                wakes.tryEmitNext(true);
                rings = ringing.addAndGet(-rings);
            } while (rings != 0);
        }
    }

    /** The pipeline; runs while subscribed to. Does not error, unless there is a bug. */
    Flux<Void> run() {
        return wakes.asFlux().concatMap(wake -> look(), 1).flatMap(this::deliver, places, 1);
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
                    if (free <= 0 || room <= 0) {
                        return Flux.empty();
                    }
                    return recovered()
                            .then(Mono.defer(() -> claim(free, room)))
                            .flatMapIterable(held -> held)
                            .onErrorResume(this::claimFailed);
                })
                // Before the completion goes on: with it the next look begins.
                .doOnTerminate(() -> claiming = false);
    }

    private Mono<List<Leases.Held>> claim(int free, long room) {
        long started = System.nanoTime();
        return queue.claim(free, room).flatMap(requests -> {
            pause = FIRST_PAUSE;
            health.reached();
            events.emit(new Event.Claimed(requests.size(), Duration.ofNanos(System.nanoTime() - started)));
            List<Leases.Held> held = requests.stream()
                    .map(request -> leases.hold(request, started))
                    .toList();
            if (stopped) {
                return leases.release(held).thenReturn(List.<Leases.Held>of());
            }
            // Where neither the places nor the bytes ended the claim, nothing was left behind.
            moreWaits = requests.size() == free
                    || requests.stream().mapToLong(Leases::size).sum() > room;
            return Mono.just(held);
        });
    }

    /** Looks again after a pause that grows; wake-ups that come meanwhile wait for it. */
    private Flux<Leases.Held> claimFailed(Throwable error) {
        claimLost = true;
        health.cutOff(error);
        Duration next = pause.multipliedBy(2);
        pause = next.compareTo(maxBackoff) > 0 ? maxBackoff : next;
        return Mono.delay(pause).doOnNext(tick -> wake()).thenMany(Flux.empty());
    }

    /** A claim that failed may have succeeded in the database: what we own and do not hold goes back first. */
    private Mono<Void> recovered() {
        if (!claimLost) {
            return Mono.empty();
        }
        return queue.recover(leases.attempts())
                .doOnNext(count -> claimLost = false)
                .filter(count -> count > 0)
                .doOnNext(count -> events.emit(new Event.Requeued(count)))
                .then();
    }

    private Mono<Void> deliver(Leases.Held held) {
        return Mono.defer(() -> {
                    if (!leases.mayBegin(held)) {
                        return Mono.<Void>empty();
                    }
                    QueuedRequest request = held.request();
                    long started = System.nanoTime();
                    events.emit(new Event.Sending(request, request.waited()));
                    return sender.send(request)
                            .takeUntilOther(held.lost())
                            .onErrorResume(bug -> {
                                events.emit(new Event.Unexplained(request.id(), bug));
                                return Mono.just(new Outcome.Failed(
                                        FailureKind.OTHER, "Sending failed inside the bridge, whose log has more"));
                            })
                            .doOnNext(outcome -> {
                                held.answered();
                                events.emit(new Event.Sent(
                                        request, outcome, Duration.ofNanos(System.nanoTime() - started)));
                            })
                            .flatMap(outcome -> completer.write(new Completed(request, outcome)));
                })
                .doFinally(signal -> {
                    // What was written back is gone from here already, with one ring for the whole batch.
                    if (leases.drop(held.request())) {
                        placesFreed();
                    }
                });
    }
}
