package io.pgnetty.bridge;

import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.util.concurrent.Queues;

/** Wake-ups for a poll: any number that come during a poll lead to one more poll, and none is lost. */
final class WakeSignal {

    /** Of one element, and without a lock: event loops call it. */
    private final Sinks.Many<Boolean> wakes =
            Sinks.many().unicast().onBackpressureBuffer(Queues.<Boolean>one().get());

    private final AtomicInteger calling = new AtomicInteger();

    /** Wakes, from any thread. */
    void wake() {
        // One thread at a time is inside the sink; a call that comes meanwhile makes that thread emit once more.
        if (calling.getAndIncrement() == 0) {
            try {
                int calls = 1;
                do {
                    // When it is full a wake-up waits already.
                    wakes.tryEmitNext(true);
                    calls = calling.addAndGet(-calls);
                } while (calls != 0);
            } catch (RuntimeException | Error e) {
                // The poll that it woke has failed: later wake-ups must still get through.
                calling.set(0);
                throw e;
            }
        }
    }

    /** The wake-ups, for one subscriber. */
    Flux<Boolean> wakes() {
        return wakes.asFlux();
    }
}
