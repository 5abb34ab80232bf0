package io.pgnetty.bridge;

import io.pgnetty.postgres.Upkeep;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;

/**
 * Keeps the queue's table as small as what waits in it: vacuums it whenever so many requests have left that their dead rows
 * would make it grow. Autovacuum would come once a minute at best, after hundreds of thousands.
 */
final class Sweeper {

    /** Requests that are done between two sweeps, at least. */
    private static final long ROWS = 5_000;

    /** A sweep reads all indexes: the more waits, the more must have left before it is worth it. */
    private static final long SHARE = 5;

    private final Upkeep upkeep;
    private final AtomicLong done = new AtomicLong();
    private volatile long waiting;

    Sweeper(Upkeep upkeep) {
        this.upkeep = upkeep;
    }

    /** So many requests have left the queue, or were changed in it. */
    void done(int rows) {
        done.addAndGet(rows);
    }

    /** So many requests are in the queue. */
    void waiting(long rows) {
        waiting = rows;
    }

    /** Sweeps, if it is time to. */
    Mono<Void> sweep() {
        return Mono.defer(() -> {
            if (done.get() < ROWS + waiting / SHARE) {
                return Mono.empty();
            }
            done.set(0);
            return upkeep.sweep();
        });
    }
}
