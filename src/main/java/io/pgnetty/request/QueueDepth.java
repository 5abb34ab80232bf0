package io.pgnetty.request;

/**
 * How many requests wait, and how many dead letters there are, exact up to a bound.
 *
 * @param depth requests that are due and not in flight
 * @param oldestSeconds age of the oldest request that is due
 * @param deadLetters requests in {@code net.dead_letter}
 */
public record QueueDepth(long depth, double oldestSeconds, long deadLetters) {}
