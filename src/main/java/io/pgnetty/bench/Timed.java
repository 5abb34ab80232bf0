package io.pgnetty.bench;

/**
 * A stretch of work.
 *
 * @param perSecond requests
 * @param cost what the database used for each
 */
record Timed(double perSecond, BenchResult.Cost cost) {}
