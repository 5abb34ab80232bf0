package io.pgnetty.bridge;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.DatabaseFailure;
import java.time.Duration;
import java.util.Optional;

/** Whether the bridge does its work: listening, claiming, database reachable. Says so when that changes. */
public final class Health {

    /** Where a bridge is in its life. */
    public enum State {
        STARTING,
        RUNNING,
        CUT_OFF,
        DRAINING,
        /** A bug has ended the pipeline: only a new process helps. */
        BROKEN
    }

    private final String name;
    private final Duration retry;
    private final Events events;
    private State state = State.STARTING;
    private String reason = "connecting to the database";
    private boolean listening;
    private boolean reached;
    private Runnable changed = () -> {};
    private String whyNotListening = "not listening yet";
    private String whyNotReached = "";
    private String whyNotWritten = "";

    /**
     * Begins as starting.
     *
     * @param name what people call this replica
     * @param retry within what time a lost database is tried again
     */
    public Health(String name, Duration retry, Events events) {
        this.name = name;
        this.retry = retry;
        this.events = events;
    }

    /** Where the bridge is. */
    public synchronized State state() {
        return state;
    }

    /** Why it is not ready; empty when it is. */
    public synchronized Optional<String> whyNotReady() {
        return state == State.RUNNING ? Optional.empty() : Optional.of(reason);
    }

    /** The state as {@code net.replicas} has it. */
    synchronized String label() {
        return switch (state) {
            case RUNNING -> "running";
            case DRAINING -> "draining";
            case STARTING -> "starting";
            case CUT_OFF, BROKEN -> "cut off";
        };
    }

    /** What to do when the state has changed; called under the lock. */
    synchronized void onChange(Runnable action) {
        changed = action;
    }

    /** LISTEN is in force, or is not for the given reason. */
    public synchronized void listening(boolean now, String why) {
        listening = now;
        whyNotListening = why;
        update();
    }

    synchronized void reached() {
        whyNotReached = "";
        reached = true;
        update();
    }

    /** The database cannot be worked with. */
    public synchronized void cutOff(Throwable error) {
        reached = false;
        whyNotReached = DatabaseFailure.reason(error);
        update();
    }

    /** Results can be written. */
    synchronized void written() {
        if (!whyNotWritten.isEmpty()) {
            whyNotWritten = "";
            update();
        }
    }

    /** Results cannot be written now. */
    synchronized void unwritten(String why) {
        boolean anew = whyNotWritten.isEmpty();
        whyNotWritten = "results cannot be written: " + why;
        if (anew) {
            events.emit(new Event.WriteBackStopped(why));
        }
        update();
    }

    /** Whether results can be written, as far as is known: while they cannot, nothing more is to be claimed. */
    synchronized boolean writes() {
        return whyNotWritten.isEmpty();
    }

    synchronized void draining() {
        state = State.DRAINING;
        reason = "draining: no more requests are taken";
        changed.run();
    }

    synchronized void broken(Throwable error) {
        state = State.BROKEN;
        reason = "the pipeline has ended: " + error;
        events.emit(new Event.Broken(error));
    }

    private void update() {
        if (state == State.DRAINING || state == State.BROKEN) {
            return;
        }
        if (listening && reached && whyNotWritten.isEmpty()) {
            if (state != State.RUNNING) {
                state = State.RUNNING;
                events.emit(new Event.Ready(name));
                changed.run();
            }
            return;
        }
        reason = !whyNotReached.isEmpty() ? whyNotReached : !whyNotWritten.isEmpty() ? whyNotWritten : whyNotListening;
        if (state == State.RUNNING) {
            state = State.CUT_OFF;
            events.emit(new Event.CutOff(reason, retry));
            changed.run();
        }
    }
}
