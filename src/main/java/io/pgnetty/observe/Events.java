package io.pgnetty.observe;

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
}
