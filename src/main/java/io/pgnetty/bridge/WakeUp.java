package io.pgnetty.bridge;

import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.util.concurrent.Queues;

/** Wake-ups for one who looks: any number that come during a look are one more look, and none is lost. */
final class WakeUp {

    /** Of one element, and without a lock: it is rung from event loops. */
    private final Sinks.Many<Boolean> wakes =
            Sinks.many().unicast().onBackpressureBuffer(Queues.<Boolean>one().get());

    private final AtomicInteger ringing = new AtomicInteger();

    /** Wakes, from any thread. */
    void wake() {
        // One thread at a time is inside the sink; who comes meanwhile makes it ring once more.
        if (ringing.getAndIncrement() == 0) {
            try {
                int rings = 1;
                do {
                    // When it is full a wake-up waits already.
                    wakes.tryEmitNext(true);
                    rings = ringing.addAndGet(-rings);
                } while (rings != 0);
            } catch (RuntimeException | Error e) {
                // What it woke has failed: that must not make it deaf.
                ringing.set(0);
                throw e;
            }
        }
    }

    /** The wake-ups, for one subscriber. */
    Flux<Boolean> wakes() {
        return wakes.asFlux();
    }
}
