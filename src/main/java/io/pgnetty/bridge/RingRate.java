package io.pgnetty.bridge;

import java.time.Duration;

/** Whether rings come so fast that looking unasked is cheaper. Used by one thread. */
final class RingRate {

    /** So many rings within the time that they take to be dearer than looking unasked. */
    private static final int BUSY_RINGS = 5;

    private static final Duration BUSY_WITHIN = Duration.ofMillis(50);

    private int rings;
    private long since = System.nanoTime();

    /** Counts one more ring. */
    boolean isHigh() {
        long now = System.nanoTime();
        if (now - since > BUSY_WITHIN.toNanos()) {
            since = now;
            rings = 0;
        }
        return ++rings >= BUSY_RINGS;
    }
}
