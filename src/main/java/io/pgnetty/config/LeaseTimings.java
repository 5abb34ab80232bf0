package io.pgnetty.config;

import java.time.Duration;

/**
 * All durations that follow from {@code --lease}. What must hold between them is in {@code LeaseTimingsTest}.
 *
 * @param lease how long a claim lasts without being extended
 */
public record LeaseTimings(Duration lease) {

    private static final Duration MAX_HEARTBEAT = Duration.ofSeconds(1);
    private static final Duration MAX_RESTING_HEARTBEAT = Duration.ofSeconds(10);
    private static final Duration MIN_CHECK = Duration.ofMillis(100);
    private static final Duration MAX_CHECK = Duration.ofSeconds(1);

    /** Heartbeats that the leader may miss. */
    private static final int BEATS = 3;

    /** Between two extensions: often enough to fail a few times. */
    public Duration extension() {
        return lease.dividedBy(6);
    }

    /** Between two checks for leases that are about to end. */
    public Duration check() {
        Duration tenth = lease.dividedBy(10);
        return tenth.compareTo(MIN_CHECK) < 0 ? MIN_CHECK : shorter(tenth, MAX_CHECK);
    }

    /** No send begins with less than this left. */
    public Duration beginMargin() {
        return lease.dividedBy(4);
    }

    /** A send ends that has no more than this left: somebody else may be sending it after that. */
    public Duration endMargin() {
        return lease.dividedBy(8);
    }

    /** Between two heartbeats. */
    public Duration heartbeat() {
        return shorter(MAX_HEARTBEAT, lease.dividedBy(4));
    }

    /** Between two heartbeats of a bridge that rests. */
    public Duration restingHeartbeat() {
        return shorter(MAX_RESTING_HEARTBEAT, lease.dividedBy(BEATS));
    }

    /** How long a bridge stays the leader without another heartbeat. */
    public Duration leadership() {
        return heartbeat().multipliedBy(BEATS);
    }

    /** How long a bridge that rests stays the leader without another heartbeat: no longer than a lease. */
    public Duration restingLeadership() {
        return restingHeartbeat().multipliedBy(BEATS);
    }

    /** A bridge that was heard of within this lives: what it holds is left to it, though its leases are over. */
    public Duration silence() {
        return lease.dividedBy(2);
    }

    /** After an outage a bridge must work for this time before it takes over from others: it was their outage, too. */
    public Duration settling() {
        return lease.dividedBy(2);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
