package io.pgnetty.observe;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Lets the first 10 similar log lines of each minute through and counts the others; at the end of the minute their number is
 * logged once. So lines that users can cause without limit do not fill the disk.
 */
final class Flood {

    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int LINES = 10;

    private final LongConsumer summary;
    private final Executor afterTheWindow;
    private long windowStarted;
    private int lines;
    private long held;

    /** @param summary takes how many were held back, at the end of a minute with any */
    Flood(LongConsumer summary) {
        this(summary, CompletableFuture.delayedExecutor(WINDOW.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** @param afterTheWindow runs what it is given when a minute is over */
    Flood(LongConsumer summary, Executor afterTheWindow) {
        this.summary = summary;
        this.afterTheWindow = afterTheWindow;
    }

    /** Whether the line is one of the first. */
    synchronized boolean pass() {
        long now = System.nanoTime();
        if (lines == 0 || (held == 0 && now - windowStarted > WINDOW.toNanos())) {
            windowStarted = now;
            lines = 0;
        }
        if (lines < LINES) {
            lines++;
            return true;
        }
        if (held++ == 0) {
            afterTheWindow.execute(this::close);
        }
        return false;
    }

    private void close() {
        long count;
        synchronized (this) {
            count = held;
            held = 0;
            lines = 0;
        }
        summary.accept(count);
    }
}
