package io.pgnetty.bridge;

import java.time.Duration;

/**
 * How many requests may be in flight while this machine has no file descriptor, local port or memory for another connection.
 * A shortage takes a quarter of what was in flight, and stops claims for a moment, longer where it goes on; each second without
 * one gives a share back, until all slots are in use again. Times are those of {@link System#nanoTime()}.
 */
final class Shortage {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    /** The share of all slots that comes back each second. */
    private static final int SHARE = 16;

    private final int slots;
    private boolean active;
    private int most;
    private long until;
    private Duration pause = FIRST_PAUSE;

    Shortage(int slots) {
        this.slots = slots;
        this.most = slots;
    }

    /** What a connection that could not be opened leads to. */
    enum Change {
        /** The first one. */
        BEGINS,
        /** Another, after claims had gone on. */
        GOES_ON,
        /** One of those that failed together. */
        NONE
    }

    /**
     * A connection could not be opened.
     *
     * @param inFlight requests, with this one
     */
    synchronized Change happened(int inFlight, long now) {
        if (active && now - until < 0) {
            return Change.NONE;
        }
        boolean first = !active;
        pause = first ? FIRST_PAUSE : min(pause.multipliedBy(2), LONGEST_PAUSE);
        most = Math.max(1, Math.min(allowed(now), inFlight) * 3 / 4);
        until = now + pause.toNanos();
        active = true;
        return first ? Change.BEGINS : Change.GOES_ON;
    }

    /** How many of the free slots may be filled now. */
    synchronized int free(int free, int inFlight, long now) {
        if (!active) {
            return free;
        }
        return now - until < 0 ? 0 : Math.min(free, allowed(now) - inFlight);
    }

    /** Whether it has just ended: all slots may be in use again. True once. */
    synchronized boolean endsNow(long now) {
        if (!active || now - until < 0 || allowed(now) < slots) {
            return false;
        }
        active = false;
        most = slots;
        return true;
    }

    /** When to look again; zero while there is no shortage. */
    synchronized Duration lookAgainIn(long now) {
        if (!active) {
            return Duration.ZERO;
        }
        Duration left = Duration.ofNanos(until - now);
        return left.isNegative() || left.isZero() ? Duration.ofSeconds(1) : left;
    }

    private int allowed(long now) {
        long seconds = active ? Math.max(0, Duration.ofNanos(now - until).toSeconds()) : 0;
        long back = Math.max(1, slots / SHARE) * seconds;
        return (int) Math.min(slots, most + back);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
