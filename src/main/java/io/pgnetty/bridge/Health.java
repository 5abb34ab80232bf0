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
    private long runningSince;
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

    /** Whether it can be on duty: it stays, and works, or tries to. */
    synchronized boolean isFit() {
        return state != State.DRAINING && state != State.BROKEN;
    }

    /** What to do when the state has changed; called under the lock. */
    synchronized void onChange(Runnable action) {
        changed = action;
    }

    /** LISTEN is in force. */
    public synchronized void listening() {
        listening = true;
        update();
    }

    /** LISTEN is not in force. The first claim after it shows whether the database can be worked with. */
    public synchronized void notListening(String why) {
        listening = false;
        reached = false;
        whyNotListening = why;
        update();
    }

    /** For how long it has done its work without a break; zero while it does not. */
    synchronized Duration runningFor() {
        return state == State.RUNNING ? Duration.ofNanos(System.nanoTime() - runningSince) : Duration.ZERO;
    }

    /** Whether LISTEN is in force. */
    synchronized boolean isListening() {
        return listening;
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
                runningSince = System.nanoTime();
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
