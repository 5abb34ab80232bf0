package io.pgnetty.request;

import java.time.Duration;

/**
 * An attempt and what came of it, on its way back to the database.
 *
 * @param startedAt {@link System#nanoTime()} when it began
 * @param took from then to the outcome
 */
public record Completed(QueuedRequest request, Outcome outcome, Verdict verdict, long startedAt, Duration took) {

    /** The same, of a request that another lease holds now. */
    public Completed heldBy(long lease) {
        return new Completed(request.heldBy(lease), outcome, verdict, startedAt, took);
    }
}
