package io.pgnetty.request;

import io.pgnetty.request.Outcome.Failed;
import io.pgnetty.request.Outcome.Responded;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/**
 * Whether a request is sent again, and when: exponential backoff with full jitter, so that the requests of a host that came
 * back do not come all at once, and never before the target's own Retry-After. Pure, but for its clock and its dice.
 */
public final class RetryPolicy {

    /** The longest pause after the first failure; it doubles with each that follows. */
    public static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);

    /** The longest pause of all. */
    public static final Duration MAX_BACKOFF = Duration.ofMinutes(10);

    /** The longest Retry-After that is honoured. */
    public static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

    /** A Retry-After is exceeded by up to this share, so that those who were told the same do not come together. */
    private static final double SPREAD = 0.1;

    private final Clock clock;
    private final DoubleSupplier dice;

    /**
     * @param clock for a Retry-After that is a date, in an answer that has no date of its own
     * @param dice from 0 to 1, each as likely
     */
    public RetryPolicy(Clock clock, DoubleSupplier dice) {
        this.clock = clock;
        this.dice = dice;
    }

    /** What becomes of a request after an attempt. */
    public Verdict decide(QueuedRequest request, Outcome outcome) {
        if (!isRetried(outcome)) {
            return outcome instanceof Responded ? new Verdict.Done() : new Verdict.Exhausted();
        }
        if (request.failures() + 1 >= request.maxAttempts()) {
            return new Verdict.Exhausted();
        }
        Duration backoff = times(backoff(request.failures()), dice.getAsDouble());
        Duration asked = retryAfter(outcome)
                .map(given -> times(given, 1 + SPREAD * dice.getAsDouble()))
                .orElse(Duration.ZERO);
        return new Verdict.Retry(asked.compareTo(backoff) > 0 ? asked : backoff);
    }

    /** Whether an outcome is one that is retried while there are attempts left. {@code docs/delivery.md} has the same table. */
    public static boolean isRetried(Outcome outcome) {
        if (outcome instanceof Failed failed) {
            return failed.kind().isRetried();
        }
        int status = ((Responded) outcome).status();
        return status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599);
    }

    private static Duration backoff(int failures) {
        // Beyond 20 doublings it is the cap in any case.
        Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures, 20));
        return backoff.compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : backoff;
    }

    private Optional<Duration> retryAfter(Outcome outcome) {
        return outcome instanceof Responded response
                ? RetryAfter.of(response.headers(), clock)
                        .map(given -> given.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : given)
                : Optional.empty();
    }

    private static Duration times(Duration duration, double factor) {
        return Duration.ofNanos((long) (duration.toNanos() * factor));
    }
}
