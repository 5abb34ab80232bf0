package io.pgnetty.bridge;

import java.time.Duration;

/** Lets something happen at most once per period. For one thread. */
final class Throttle {

    private final long period;
    private long last = System.nanoTime();

    /** Counts the first period from now. */
    Throttle(Duration period) {
        this.period = period.toNanos();
    }

    /** Whether it may happen now; then the next period begins. */
    boolean passes() {
        long now = System.nanoTime();
        if (now - last < period) {
            return false;
        }
        last = now;
        return true;
    }
}
