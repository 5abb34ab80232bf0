package io.pgnetty.bridge;

import java.time.Duration;

/** How soon the database is tried again. */
public final class Backoff {

    /** The longest pause between two attempts at a database that is away: it is back within seconds of it. */
    public static final Duration MAX = Duration.ofSeconds(1);

    private Backoff() {}
}
