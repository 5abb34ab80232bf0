package io.pgnetty.bridge;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.Heartbeats;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How a bridge ends, on one deadline: no more claims, requests in flight finish, their results are written, the leases of the rest go
 * back.
 */
record Drain(Dispatcher dispatcher, Leases leases, Heartbeats heartbeats, Health health, Events events) {

    /** What it may take in all beyond the requests in flight: the release of leases, and the last write-back. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(5);

    /** To say goodbye: where that cannot be said, the others find out. */
    private static final Duration GOODBYE = Duration.ofSeconds(1);

    private static final Duration SOON = Duration.ofMillis(20);

    /**
     * Drains.
     *
     * @param limit for the requests in flight
     * @param close ends what runs, once nothing more can be written
     * @return never errors
     */
    Mono<Void> run(Duration limit, Runnable close) {
        return Mono.defer(() -> {
            long started = System.nanoTime();
            health.draining();
            events.emit(new Event.Draining(leases.count(), limit));
            dispatcher.stop();
            return settled(limit)
                    .then(Mono.defer(leases::releaseUnanswered)
                            .timeout(LAST_WRITES)
                            .onErrorReturn(new Leases.Released(0, 0))
                            .elapsed())
                    .flatMap(released -> settled(left(released.getT1()))
                            .then(Mono.fromSupplier(() -> {
                                int lost = leases.count();
                                close.run();
                                return lost;
                            }))
                            .delayUntil(
                                    lost -> heartbeats.leave().timeout(GOODBYE).onErrorComplete())
                            .doOnNext(lost -> events.emit(new Event.Stopped(
                                    released.getT2().count(),
                                    released.getT2().begun(),
                                    lost,
                                    Duration.ofNanos(System.nanoTime() - started)))))
                    .then();
        });
    }

    /** What the release has left of the time, a second at least: answers that are there are to be written. */
    private static Duration left(long millis) {
        Duration left = LAST_WRITES.minusMillis(millis);
        return left.compareTo(GOODBYE) > 0 ? left : GOODBYE;
    }

    /** Waits until nothing is held any more, or time is up. */
    private Mono<Void> settled(Duration limit) {
        return Flux.interval(Duration.ZERO, SOON)
                .takeUntil(tick -> dispatcher.idle())
                .take(limit)
                .then();
    }
}
