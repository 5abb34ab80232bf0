package io.pgnetty.observe;

import java.util.List;

/** Where events go. A listener must neither block nor throw: it runs on the thread on which the event happened. */
@FunctionalInterface
public interface Events {

    /** Takes one event. */
    void emit(Event event);

    /** Hands each event to all of them, in order. */
    static Events toAll(List<Events> listeners) {
        List<Events> all = List.copyOf(listeners);
        return event -> all.forEach(listener -> listener.emit(event));
    }
}
