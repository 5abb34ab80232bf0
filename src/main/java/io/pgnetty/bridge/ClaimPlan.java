package io.pgnetty.bridge;

import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.Turns;
import java.time.Duration;

/**
 * What the next claim asks for, and when, by what the claims before it found. Roles and hosts take turns: a claim begins after
 * those of the one before. After a claim that found only paused hosts the next one looks at more of them; after many such claims
 * there are pauses in between.
 *
 * @param turns whose turn it is in the next claim
 * @param empty consecutive claims that found nothing although more requests were due
 * @param pause before the next claim, if there is one
 */
record ClaimPlan(Turns turns, int empty, Duration pause) {

    /** Hosts that a claim looks at, at most: some 90 ms of the database's time. */
    static final int MAX_HOSTS = 10_000;

    /** Pause between claims after this many consecutive claims that found only paused hosts: half a million hosts. */
    static final int MAX_EMPTY = 60;

    /** What a claim does that cannot be read is undone, and done again by the next one. */
    private static final Duration UNREADABLE_PAUSE = Duration.ofSeconds(10);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(25);

    /** Before anything was claimed. */
    static final ClaimPlan FIRST = new ClaimPlan(Turns.FIRST, 0, FIRST_PAUSE);

    /** What is done when a claim has ended. */
    enum Next {
        /** There is more, and room for it: claim. */
        CLAIM,
        /** Claim after {@link #pause()}. */
        PAUSE,
        /** Wait until something is queued, or a slot becomes free. */
        WAIT
    }

    /** How many hosts a claim of {@code limit} requests looks at: more than it can take from, as some may be paused. */
    int hosts(int limit) {
        return Math.min((2 * limit + 16) << Math.min(empty, 10), MAX_HOSTS);
    }

    /**
     * After a claim.
     *
     * @param after whose turn it is next
     * @param requests how many it found
     * @param more whether it may have left something
     */
    ClaimPlan found(Turns after, int requests, boolean more) {
        int now = requests == 0 && more ? empty + 1 : 0;
        return new ClaimPlan(after, now, now > MAX_EMPTY ? longer() : FIRST_PAUSE);
    }

    /** After a claim that failed. */
    ClaimPlan failed(Throwable error) {
        return new ClaimPlan(turns, empty, DatabaseFailure.unreadable(error) ? UNREADABLE_PAUSE : longer());
    }

    /**
     * What is done now, after a claim.
     *
     * @param free slots that there were
     */
    Next next(int requests, boolean more, int free) {
        if (empty > MAX_EMPTY) {
            return Next.PAUSE;
        }
        return more && requests < free ? Next.CLAIM : Next.WAIT;
    }

    private Duration longer() {
        Duration twice = pause.multipliedBy(2);
        return pause.equals(UNREADABLE_PAUSE) || twice.compareTo(Backoff.MAX) > 0 ? Backoff.MAX : twice;
    }
}
