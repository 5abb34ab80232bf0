package io.pgnetty.bridge;

import io.pgnetty.postgres.MaintenanceStatements;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Mono;

/**
 * Keeps the queue's table as small as the requests that wait in it: vacuums it when enough of them have left for their dead rows to
 * would make it grow. Autovacuum would come once a minute at best, after hundreds of thousands.
 */
final class QueueVacuum {

    /** Requests that are done between two sweeps, at least. */
    private static final long ROWS = 5_000;

    /** A sweep reads all indexes: the more waits, the more must have left before it is worth it. */
    private static final long SHARE = 5;

    private final MaintenanceStatements maintenance;
    private final AtomicLong done = new AtomicLong();
    private volatile long waiting;

    QueueVacuum(MaintenanceStatements maintenance) {
        this.maintenance = maintenance;
    }

    /** This number of rows has left the queue, or was changed in it. */
    void done(int rows) {
        done.addAndGet(rows);
    }

    /** This number of requests is in the queue. */
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
            return maintenance.maySweep().filter(may -> may).flatMap(may -> maintenance.sweep());
        });
    }
}
