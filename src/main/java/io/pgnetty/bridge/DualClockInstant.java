package io.pgnetty.bridge;

/**
 * A point in time by both clocks. The monotonic one stands still while a virtual machine is paused, the wall clock is put
 * right after it: whichever has gone further counts.
 */
record DualClockInstant(long nanos, long millis) {

    static DualClockInstant now() {
        return new DualClockInstant(System.nanoTime(), System.currentTimeMillis());
    }

    /** How long ago it was, in nanoseconds. */
    long elapsedNanos() {
        return Math.max(System.nanoTime() - nanos, (System.currentTimeMillis() - millis) * 1_000_000);
    }
}
