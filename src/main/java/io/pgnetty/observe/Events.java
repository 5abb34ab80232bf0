package io.pgnetty.observe;

import java.util.List;

/**
 * Where events go. A listener runs on the thread on which the event happened, so it must not block; one that may, such as a log
 * whose pipe is full, goes behind an {@link EventQueue}.
 */
@FunctionalInterface
public interface Events {

    /** Takes one event. */
    void emit(Event event);

    /** How many events were lost here so far. */
    default long dropped() {
        return 0;
    }

    /** Hands each event to all of them, in order. One that throws loses the event, and keeps it from nobody else. */
    static Events toAll(List<Events> listeners) {
        return new Fanout(listeners);
    }
}
