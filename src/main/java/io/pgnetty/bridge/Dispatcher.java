package io.pgnetty.bridge;

import io.pgnetty.http.HttpSender;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.request.Completed;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Looks at the queue when woken, claims for free places only, and takes each request through send and write-back. A place is
 * free again when the result is in the database, so that a slow database slows the claims and memory stays flat. Wake-ups
 * that come during a look are one.
 */
final class Dispatcher {

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
    private final AtomicBoolean moreWaits = new AtomicBoolean();
    private volatile Duration pause = FIRST_PAUSE;
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
        this.completer = new Completer(queue, maxBackoff, events, this::placesFreed);
    }

    /** Looks at the queue now, or once more when a look is under way. */
    void wake() {
        // Full: a wake-up waits already. Not serialized: another thread is inside, whose look may have begun before us.
        while (wakes.tryEmitNext(true) == Sinks.EmitResult.FAIL_NON_SERIALIZED) {
            Thread.onSpinWait();
        }
    }

    /** The pipeline; runs while subscribed to. Never errors. */
    Flux<Void> run() {
        return wakes.asFlux().concatMap(wake -> claim(), 1).flatMap(this::deliver, places, 1);
    }

    /** No more claims. */
    void stop() {
        stopped = true;
    }

    private void placesFreed() {
        if (moreWaits.get()) {
            wake();
        }
    }

    private Flux<Leases.Held> claim() {
        return Flux.defer(() -> {
            int free = places - leases.count();
            if (stopped || free <= 0) {
                // The next place that becomes free looks again.
                moreWaits.set(true);
                return Flux.empty();
            }
            moreWaits.set(false);
            return recovered()
                    .then(Mono.defer(() -> claim(free)))
                    .flatMapIterable(held -> held)
                    .onErrorResume(this::claimFailed);
        });
    }

    /** Looks again after a pause that grows; wake-ups that come meanwhile wait for it. */
    private Flux<Leases.Held> claimFailed(Throwable error) {
        claimLost = true;
        health.cutOff(error);
        pause = pause.multipliedBy(2).compareTo(maxBackoff) > 0 ? maxBackoff : pause.multipliedBy(2);
        return Mono.delay(pause).doOnNext(tick -> wake()).thenMany(Flux.empty());
    }

    private Mono<List<Leases.Held>> claim(int free) {
        long started = System.nanoTime();
        return queue.claim(free).map(requests -> {
            pause = FIRST_PAUSE;
            health.reached();
            events.emit(new Event.Claimed(requests.size(), Duration.ofNanos(System.nanoTime() - started)));
            if (requests.size() == free) {
                moreWaits.set(true);
            }
            return requests.stream()
                    .map(request -> leases.hold(request, started))
                    .toList();
        });
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
                    if (!held.mayBegin()) {
                        return Mono.<Void>empty();
                    }
                    QueuedRequest request = held.request();
                    long started = System.nanoTime();
                    events.emit(new Event.Sending(request, request.waited()));
                    return sender.send(request)
                            .takeUntilOther(held.lost())
                            .doOnNext(outcome -> {
                                held.answered();
                                events.emit(new Event.Sent(
                                        request, outcome, Duration.ofNanos(System.nanoTime() - started)));
                            })
                            .flatMap(outcome -> completer.write(new Completed(request, outcome)));
                })
                .doFinally(signal -> {
                    leases.drop(held);
                    placesFreed();
                });
    }
}
