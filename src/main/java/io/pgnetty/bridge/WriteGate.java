package io.pgnetty.bridge;

/**
 * Whether results reach the database, and how many requests may be claimed meanwhile. A pure machine: told what happened,
 * asked what may be claimed; it knows nothing of writers.
 *
 * <p>Results flow until a batch is refused, and again as soon as anything is accepted. While they do not flow nothing is
 * claimed, except one request each time that a single row is refused again: its result shows whether only that row is at fault.
 * Rows that wait to be written alone take no slot, up to a bound on their number and bytes: however many there are, others go
 * on.
 */
final class WriteGate {

    private final int slots;
    private final int maxExempt;
    private final long maxExemptBytes;
    private boolean refused;
    private boolean mayProbe;
    private int exempt;
    private long exemptBytes;
    private long accepted;

    /**
     * @param slots requests in flight at most; as many again may wait for the database
     * @param maxExempt results that take no slot at most
     * @param maxExemptBytes bytes of these at most
     */
    WriteGate(int slots, int maxExempt, long maxExemptBytes) {
        this.slots = slots;
        this.maxExempt = maxExempt;
        this.maxExemptBytes = maxExemptBytes;
    }

    /** Requests that are held at most. */
    int mostHeld() {
        return 2 * slots + maxExempt;
    }

    /**
     * How many requests may be claimed now. Asking uses up a probe.
     *
     * @param inFlight requests that are claimed and have no outcome
     * @param held all requests that are claimed and not yet written back
     */
    synchronized int free(int inFlight, int held) {
        int free = Math.max(Math.min(slots - inFlight, 2 * slots - (held - exempt)), 0);
        if (!refused || free == 0) {
            return free;
        }
        int probe = mayProbe ? 1 : 0;
        mayProbe = false;
        return probe;
    }

    /** The database has taken something. */
    synchronized void accepted() {
        refused = false;
        mayProbe = false;
        accepted++;
    }

    /** How often it has taken something. */
    synchronized long acceptedCount() {
        return accepted;
    }

    /** A batch was refused, for a reason that may be the database's. */
    synchronized void refused() {
        refused = true;
    }

    /** A row was refused once more, alone. Gives whether a request may be claimed to show whether it is that row. */
    synchronized boolean refusedAgain() {
        mayProbe = refused;
        return mayProbe;
    }

    /** A result is to be written alone. Gives whether it takes no slot meanwhile; then {@link #leave} must follow. */
    synchronized boolean exempt(long bytes) {
        if (exempt >= maxExempt || exemptBytes + bytes > maxExemptBytes) {
            return false;
        }
        exempt++;
        exemptBytes += bytes;
        return true;
    }

    /** A result that took no slot is done with. */
    synchronized void leave(long bytes) {
        exempt--;
        exemptBytes -= bytes;
    }
}
