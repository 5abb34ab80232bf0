package io.pgnetty.request;

/**
 * How many requests wait, and what else a count of the database gives; numbers of rows are exact up to a bound.
 *
 * @param depth requests that are due and not in flight
 * @param oldestSeconds age of the oldest request that is due
 * @param deadLetters requests in {@code net.dead_letter}
 * @param bridges that were seen within 15 s
 * @param paused host patterns to which nothing is sent
 */
public record QueueDepth(long depth, double oldestSeconds, long deadLetters, long bridges, long paused) {}
