package io.pgnetty.bridge;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.DatabaseFailure;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether the bridge does its work: listening, claiming, database reachable, known to the others. Says so when that changes, in
 * the order of the changes.
 */
public final class Health {

    /** Where a bridge is in its life. */
    public enum State {
        STARTING("starting"),
        RUNNING("running"),
        CUT_OFF("cut off"),
        DRAINING("draining"),
        /** A bug has ended the pipeline: only a new process helps. */
        BROKEN("cut off");

        /** As {@code net.bridges} has it. */
        final String label;

        State(String label) {
            this.label = label;
        }
    }

    private final String name;
    private final Duration retry;
    private final Events events;
    private State state = State.STARTING;
    private String reason = "connecting to the database";
    private long runningSince;
    private boolean listening;
    private boolean reached;
    private boolean isUnreadable;
    private Runnable changed = () -> {};

    private final News news = new News();
    private final Reasons why = new Reasons();
    private int lostBeats;

    /**
     * Begins as starting.
     *
     * @param name what people call this bridge
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

    /** Whether this bridge can be the leader: it is not stopping, and works or tries to. */
    synchronized boolean isFit() {
        return state != State.DRAINING && state != State.BROKEN;
    }

    /** What to do when the state has changed. */
    synchronized void onChange(Runnable action) {
        changed = action;
    }

    /** LISTEN is in force. */
    public void listening() {
        change(() -> {
            listening = true;
        });
    }

    /** LISTEN is not in force. The first claim after it shows whether the database can be worked with. */
    public void notListening(String text) {
        change(() -> {
            listening = false;
            reached = false;
            why.notListening = text;
        });
    }

    /** Whether the database answers, as far as is known. */
    synchronized boolean reaches() {
        return reached && state != State.BROKEN;
    }

    /** For how long it has done its work without a break; zero while it does not. */
    synchronized Duration runningFor() {
        return state == State.RUNNING ? Duration.ofNanos(System.nanoTime() - runningSince) : Duration.ZERO;
    }

    /** Whether LISTEN is in force. */
    public synchronized boolean isListening() {
        return listening;
    }

    void reached() {
        change(() -> {
            isUnreadable = false;
            why.notReached = "";
            reached = true;
        });
    }

    /** The database cannot be worked with. */
    public void cutOff(Throwable error) {
        change(() -> {
            reached = false;
            why.notReached = DatabaseFailure.reason(error);
        });
    }

    /** A claim failed. One that cannot be read, by a fault of ours or of what somebody did to our functions, is said once until one can. */
    void claimFailed(Throwable error, Duration nextTry) {
        if (!DatabaseFailure.unreadable(error)) {
            cutOff(error);
            return;
        }
        synchronized (this) {
            reached = false;
            why.notReached = "claimed requests cannot be read: " + DatabaseFailure.reason(error);
            sayUnreadable(new Event.ClaimUnreadable(why.notReached, nextTry, error));
            update();
        }
        news.tell();
    }

    private void sayUnreadable(Event unreadable) {
        if (!isUnreadable) {
            isUnreadable = true;
            news.add(() -> events.emit(unreadable));
        }
    }

    /** Whether claims have stopped as results cannot be written. */
    public synchronized boolean isWriteBackStopped() {
        return !why.notWritten.isEmpty();
    }

    /** Results can be written. */
    void databaseAccepted() {
        change(() -> why.notWritten = "");
    }

    /** Results cannot be written now. */
    void databaseRefused(String text) {
        change(() -> {
            if (why.notWritten.isEmpty()) {
                news.add(() -> events.emit(new Event.WriteBackStopped(text)));
            }
            why.notWritten = "results cannot be written: " + text;
        });
    }

    /** The other bridges know of this one. */
    void beat() {
        change(() -> {
            lostBeats = 0;
            why.notBeating = "";
        });
    }

    /** A heartbeat failed. One alone may have met a lock, or a connection that was lost: the second in a row counts. */
    void beatFailed(String text) {
        change(() -> {
            if (++lostBeats > 1 && (state == State.RUNNING || !why.notBeating.isEmpty())) {
                why.notBeating = "the heartbeat fails: " + text;
            }
        });
    }

    /** What this machine has too little of for all slots, which makes the bridge slower; empty where it has enough. */
    public synchronized Optional<String> shortage() {
        return why.shortOf.isEmpty() ? Optional.empty() : Optional.of(why.shortOf);
    }

    synchronized void shortOf(String what) {
        why.shortOf = what;
    }

    void draining() {
        synchronized (this) {
            state = State.DRAINING;
            reason = "draining: no more requests are taken";
            news.add(changed);
        }
        news.tell();
    }

    void broken(Throwable error) {
        synchronized (this) {
            state = State.BROKEN;
            reason = "the pipeline has ended: " + error;
            news.add(() -> events.emit(new Event.Broken(error)));
        }
        news.tell();
    }

    private void change(Runnable what) {
        synchronized (this) {
            what.run();
            update();
        }
        news.tell();
    }

    private void update() {
        if (state == State.DRAINING || state == State.BROKEN) {
            return;
        }
        if (listening && reached && why.notWritten.isEmpty() && why.notBeating.isEmpty()) {
            if (state != State.RUNNING) {
                state = State.RUNNING;
                runningSince = System.nanoTime();
                news.add(() -> events.emit(new Event.Ready(name)));
                news.add(changed);
            }
            return;
        }
        if (!listening || !reached) {
            // That is why, and when it is over the beats are counted again.
            lostBeats = 0;
            why.notBeating = "";
        }
        reason = why.text();
        if (state == State.RUNNING) {
            state = State.CUT_OFF;
            Event cutOff = new Event.CutOff(reason, retry);
            news.add(() -> events.emit(cutOff));
            news.add(changed);
        }
    }
}
