package io.pgnetty.bench;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Listens to the bridge that is measured: how long requests wait until they are sent, and when results are recorded. */
final class BenchEvents implements Events {

    private static final long TENTH = 100_000_000;

    private volatile Histogram waits = histogram();
    private volatile ConcurrentMap<Integer, AtomicInteger> recorded = new ConcurrentHashMap<>();
    private volatile long since = System.nanoTime();
    private volatile long last = since;

    @Override
    public void emit(Event event) {
        if (event instanceof Event.Sending sending) {
            waits.recordValue(Math.max(0, sending.waited().toNanos() / 1000));
        } else if (event instanceof Event.WrittenBack written) {
            last = System.nanoTime();
            int tenth = (int) ((last - since) / TENTH);
            recorded.computeIfAbsent(tenth, key -> new AtomicInteger()).addAndGet(written.count());
        }
    }

    /** Forgets what was measured. */
    void reset() {
        waits = histogram();
        recorded = new ConcurrentHashMap<>();
        since = System.nanoTime();
        last = since;
    }

    /** When a result was last recorded, or else the last reset, as {@link System#nanoTime} has it. */
    long last() {
        return last;
    }

    /** Milliseconds from the insert to the send, at this percentile. */
    double sent(double percentile) {
        return waits.getValueAtPercentile(percentile) / 1000.0;
    }

    /** Results recorded in each tenth of a second since the last reset. */
    List<Integer> overTime() {
        int last = recorded.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
        List<Integer> counts = new ArrayList<>();
        for (int tenth = 0; tenth <= last; tenth++) {
            AtomicInteger count = recorded.get(tenth);
            counts.add(count == null ? 0 : count.get());
        }
        return counts;
    }

    private static Histogram histogram() {
        return new ConcurrentHistogram(3);
    }
}
