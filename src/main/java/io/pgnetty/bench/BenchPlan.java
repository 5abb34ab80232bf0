package io.pgnetty.bench;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param rounds of all measurements, interleaved; what is reported are their medians; one more goes before, to get warm
 * @param requests queued at once, end to end
 * @param senders connections that queue at the same time
 * @param time for each measurement that has no end of its own
 * @param concurrency HTTP requests in flight
 * @param http2 whether the targets speak HTTP/2 over TLS, and not HTTP/1.1 in the clear
 */
public record BenchPlan(int rounds, int requests, int senders, Duration time, int concurrency, boolean http2) {

    /** A measurement that lasts longer has failed. */
    static final Duration LONG = Duration.ofMinutes(10);

    /** Single requests, one after the other, a round. */
    static final int SINGLES = 100;

    /**
     * Checks the figures.
     *
     * @throws IllegalArgumentException with the option's name
     */
    public BenchPlan {
        require(rounds >= 1 && rounds <= 99, "--rounds must be from 1 to 99");
        require(requests >= 100 && requests <= 2_000_000, "--requests must be from 100 to 2000000");
        require(senders >= 1 && senders <= 1000, "--senders must be from 1 to 1000");
        require(time.toMillis() >= 100 && time.toMinutes() <= 10, "--time must be from 100ms to 10min");
        require(concurrency >= 1 && concurrency <= 10_000, "--concurrency must be from 1 to 10000");
    }

    String scheme() {
        return http2 ? "https" : "http";
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new IllegalArgumentException(problem);
        }
    }
}
