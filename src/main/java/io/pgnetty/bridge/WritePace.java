package io.pgnetty.bridge;

import java.time.Duration;

/**
 * When the next batch of results is written. A pure machine: told when batches begin and end, asked how long to wait. What a
 * statement costs the database is for the most part the same for one row and for many, so under load results wait for each other a
 * moment; a result that comes alone goes at once.
 */
final class WritePace {

    /** A second writer costs more than it brings while the first is quick: its batches are half as large, each row costs more. */
    static final Duration LATE = Duration.ofMillis(30);

    /** How long results wait for each other at most, after a batch that shows that there is load. */
    static final Duration PAUSE = Duration.ofMillis(10);

    private static final int WRITERS = 2;
    private static final int MANY_ROWS = 256;

    private final int load;
    private final int enough;
    private int writers;
    private long began;
    private long ended;
    private int lastRows;

    /** @param slots requests in flight at most; with half as many results there is nothing to wait for */
    WritePace(int slots) {
        this.load = Math.max(2, Math.min(slots, MANY_ROWS) / 8);
        this.enough = Math.max(1, Math.min(slots, MANY_ROWS) / 2);
    }

    /**
     * How long until a batch may begin: zero for now; not before another has ended where that is negative.
     *
     * @param rows results that wait
     * @param now by {@link System#nanoTime}
     */
    synchronized Duration untilNext(int rows, long now) {
        if (writers >= WRITERS) {
            return Duration.ofNanos(-1);
        }
        long wait = 0;
        if (writers > 0 && rows < MANY_ROWS) {
            wait = LATE.toNanos() - (now - began);
        } else if (writers == 0 && lastRows >= load && rows < enough) {
            wait = PAUSE.toNanos() - (now - ended);
        }
        return Duration.ofNanos(Math.max(wait, 0));
    }

    /** A batch begins; {@link #ended} must follow. */
    synchronized void began(long now) {
        writers++;
        began = now;
    }

    /** A batch has ended.
     *
     * @param rows how many it had */
    synchronized void ended(int rows, long now) {
        writers--;
        ended = now;
        lastRows = rows;
    }
}
