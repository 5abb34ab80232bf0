package io.pgnetty.bridge;

import io.pgnetty.bridge.Shortage.Change;
import io.pgnetty.observe.Event;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import java.time.Instant;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/**
 * Keeps what this machine is short of from being anybody else's failure: the request goes back unsent, fewer are claimed, and people
 * are told.
 */
final class ShortageGuard {

    private final Shared shared;
    private final Runnable poll;
    private final Shortage shortage;
    private final Disposable.Swap alarm = Disposables.swap();

    /**
     * @param slots requests in flight at most
     * @param poll polls the queue
     */
    ShortageGuard(Shared shared, int slots, Runnable poll) {
        this.shared = shared;
        this.poll = poll;
        this.shortage = new Shortage(slots);
    }

    /** Whether an outcome says nothing about the request; it then goes back with the next poll. */
    boolean takes(HeldRequest held, Outcome outcome) {
        if (!(outcome instanceof Outcome.Failed failed)
                || (failed.kind() != FailureKind.UNSENT && failed.kind() != FailureKind.LOCAL)) {
            return false;
        }
        Change change = shortage.happened(shared.leases().inFlight(), System.nanoTime());
        if (change == Change.BEGINS) {
            shared.events().emit(new Event.Shortage(failed.message()));
        }
        shared.health().shortOf(failed.message());
        lookAgain();
        if (failed.kind() == FailureKind.LOCAL) {
            return false;
        }
        shared.events().emit(new Event.Unsent(Event.Subject.of(held.request()), failed.message(), Instant.now()));
        // It is not to be told as one whose lease is over.
        held.end();
        return true;
    }

    /** How many of the free slots may be filled now. */
    int free(int free, int inFlight) {
        long now = System.nanoTime();
        if (shortage.endsNow(now)) {
            shared.health().shortOf("");
            shared.events().emit(new Event.ShortageOver());
        }
        lookAgain();
        return shortage.free(free, inFlight, now);
    }

    /** Whether there is a shortage: then what went back unsent is given back without waiting for a claim. */
    boolean isActive() {
        return !shortage.lookAgainIn(System.nanoTime()).isZero();
    }

    private void lookAgain() {
        var in = shortage.lookAgainIn(System.nanoTime());
        if (!in.isZero()) {
            alarm.update(Mono.delay(in).subscribe(tick -> poll.run()));
        }
    }

    /** No more polls. */
    void close() {
        alarm.dispose();
    }
}
