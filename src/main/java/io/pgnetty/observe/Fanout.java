package io.pgnetty.observe;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hands each event to all listeners, in order. A listener that throws loses the event, which is counted; all other listeners still get it,
 * and the code that emitted it goes on.
 */
public final class Fanout implements Events {

    private final List<Events> listeners;
    private final LongAdder failures = new LongAdder();

    /** To these. */
    public Fanout(List<Events> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    @Override
    public void emit(Event event) {
        for (Events listener : listeners) {
            try {
                listener.emit(event);
            } catch (RuntimeException | LinkageError | AssertionError e) {
                // Counted, and not logged: the log may be what fails.
                failures.increment();
            }
        }
    }

    @Override
    public long dropped() {
        return failures.sum() + listeners.stream().mapToLong(Events::dropped).sum();
    }
}
