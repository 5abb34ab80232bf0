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
        DRAINING
    }

    private final String name;
    private final Duration retry;
    private final Events events;
    private State state = State.STARTING;
    private String reason = "connecting to the database";
    private boolean listening;
    private boolean reached;

    Health(String name, Duration retry, Events events) {
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
            case STARTING, CUT_OFF -> "starting";
        };
    }

    synchronized void listening(boolean now, String why) {
        listening = now;
        update(why);
    }

    synchronized void reached() {
        reached = true;
        update("not listening");
    }

    synchronized void cutOff(Throwable error) {
        reached = false;
        update(DatabaseFailure.reason(error));
    }

    synchronized void draining() {
        state = State.DRAINING;
        reason = "draining: no more requests are taken";
    }

    private void update(String why) {
        if (state == State.DRAINING) {
            return;
        }
        if (listening && reached) {
            if (state != State.RUNNING) {
                state = State.RUNNING;
                events.emit(new Event.Ready(name));
            }
            return;
        }
        reason = why;
        if (state == State.RUNNING) {
            state = State.CUT_OFF;
            events.emit(new Event.CutOff(why, retry));
        }
    }
}
