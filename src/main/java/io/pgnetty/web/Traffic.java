package io.pgnetty.web;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.RetryPolicy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What this bridge sends: how much, and how long it takes, between two looks. */
public final class Traffic implements Events {

    private static final long LONGEST = TimeUnit.HOURS.toMicros(1);

    /** Looks that follow each other faster see the same: a rate over a moment says nothing. */
    private static final double SHORTEST_SECONDS = 0.3;

    /** Nobody has looked for so long: what was then says nothing about now. */
    private static final double LONGEST_SECONDS = 5;

    private final Recorder latencies = new Recorder(LONGEST, 2);
    private final LongAdder answered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private Map<String, Object> seen = Map.of();
    private long lastLook = System.nanoTime();

    @Override
    public void emit(Event event) {
        if (event instanceof Event.Sent sent) {
            boolean isFailure = sent.outcome() instanceof Outcome.Failed || RetryPolicy.isRetried(sent.outcome());
            (isFailure ? failed : answered).increment();
            latencies.recordValue(
                    Math.min(TimeUnit.NANOSECONDS.toMicros(sent.took().toNanos()), LONGEST));
        }
    }

    /** Rates a second, and latencies where there were any, since the last look. */
    synchronized Map<String, Object> look() {
        long now = System.nanoTime();
        double seconds = (now - lastLook) / 1e9;
        if (seconds < SHORTEST_SECONDS) {
            return seen;
        }
        lastLook = now;
        seen = rates(seconds);
        return seen;
    }

    private Map<String, Object> rates(double seconds) {
        Map<String, Object> rates = new LinkedHashMap<>();
        long answers = answered.sumThenReset();
        long failures = failed.sumThenReset();
        Histogram taken = latencies.getIntervalHistogram();
        if (seconds > LONGEST_SECONDS) {
            return rates;
        }
        rates.put("answered_per_second", answers / seconds);
        rates.put("failed_per_second", failures / seconds);
        if (taken.getTotalCount() > 0) {
            rates.put("p50_ms", taken.getValueAtPercentile(50) / 1000.0);
            rates.put("p99_ms", taken.getValueAtPercentile(99) / 1000.0);
        }
        return rates;
    }
}
