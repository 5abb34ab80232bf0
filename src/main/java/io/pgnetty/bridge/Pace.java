package io.pgnetty.bridge;

import java.time.Duration;

/** Lets through what comes while the bridge works, and the first and then a few while it rests. */
final class Pace {

    private final Rest rest;
    private final Duration resting;
    private volatile boolean rested;
    private long last;

    /**
     * Lets through the first.
     *
     * @param resting between two while the bridge rests
     */
    Pace(Rest rest, Duration resting) {
        this.rest = rest;
        this.resting = resting;
    }

    /** The last one failed. */
    void again() {
        rested = false;
    }

    boolean isDue() {
        long now = System.nanoTime();
        boolean rests = rest.isResting();
        boolean due = !rests || !rested || now - last >= resting.toNanos();
        rested = rests;
        last = due ? now : last;
        return due;
    }
}
