package io.pgnetty.bridge;

import io.pgnetty.postgres.Attempt;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A request that this bridge holds. The first call of {@link #decide} settles what becomes of its send: the outcome counts, or it was given
 * up, lost or released.
 */
final class HeldRequest {

    private final QueuedRequest request;
    private final Sinks.Empty<Void> lost = Sinks.empty();
    private final AtomicBoolean decided = new AtomicBoolean();
    private final long claimNanos;
    private volatile DualClockInstant leased;
    private volatile boolean begun;

    /** Of its lease: another than the request's where that was given one of its own. */
    private volatile long number;

    /** @param leased before the claim was issued */
    HeldRequest(QueuedRequest request, DualClockInstant leased) {
        this.request = request;
        this.leased = leased;
        this.claimNanos = leased.elapsedNanos();
        this.number = request.lease();
    }

    QueuedRequest request() {
        return request;
    }

    /** How long the claim took that brought it. */
    Duration claimTook() {
        return Duration.ofNanos(claimNanos);
    }

    /** What names it in the database. */
    Attempt attempt() {
        return new Attempt(request.id(), number);
    }

    /** Whether this is the claim of it that the request, or its copy under a lease of its own, came from. */
    boolean isOf(QueuedRequest other) {
        return number == other.lease() || request.lease() == other.lease();
    }

    /** What is left of a lease of that length, in nanoseconds. */
    long remaining(Duration lease) {
        return lease.toNanos() - leased.elapsedNanos();
    }

    /** Its lease was extended by a statement that was issued then. */
    void extended(DualClockInstant issued) {
        leased = issued;
    }

    /** Another lease holds it. */
    void moved(long lease) {
        number = lease;
    }

    /** It is being sent: from now on it may have reached its target. */
    void begun() {
        begun = true;
    }

    /** Whether it may have reached its target. */
    boolean hasBegun() {
        return begun;
    }

    /** Settles what becomes of its send; true for who comes first. */
    boolean decide() {
        return decided.compareAndSet(false, true);
    }

    /** Whether that is settled. */
    boolean isDecided() {
        return decided.get();
    }

    /** Ends its send; false where that was done before. */
    boolean end() {
        return lost.tryEmitEmpty().isSuccess();
    }

    /** Completes when its send is to end. */
    Mono<Void> lost() {
        return lost.asMono();
    }
}
