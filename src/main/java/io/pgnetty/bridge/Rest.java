package io.pgnetty.bridge;

import java.time.Duration;

/**
 * Whether a bridge rests: it is alone, and nothing was queued for a while. It then says more rarely that it is there, and counts more rarely,
 * so that an idle database stays idle. A notification ends that at once.
 */
final class Rest {

    /** Between two runs of a chore that finds nothing to do while the bridge rests. */
    static final Duration PAUSE = Duration.ofMinutes(2);

    /** Without work until a bridge rests. */
    private static final Duration QUIET = Duration.ofMinutes(1);

    private volatile long busyAt = System.nanoTime();
    private volatile boolean peers = true;

    /** There is work, or somebody may have brought some; gives whether it rested until now. */
    boolean end() {
        boolean rested = isResting();
        busyAt = System.nanoTime();
        return rested;
    }

    /** Whether there are other bridges: each must know soon what becomes of the others. */
    void setPeers(boolean hasPeers) {
        peers = hasPeers;
    }

    /** Whether it rests now. */
    boolean isResting() {
        return !peers && System.nanoTime() - busyAt > QUIET.toNanos();
    }
}
