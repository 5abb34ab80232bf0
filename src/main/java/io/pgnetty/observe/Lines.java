package io.pgnetty.observe;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** What is done with each kind of event. */
final class Lines {

    private final Map<Class<? extends Event>, Consumer<Event>> lines = new ConcurrentHashMap<>();

    /** Decides that for a kind. */
    <E extends Event> void on(Class<E> kind, Consumer<E> line) {
        lines.put(kind, event -> line.accept(kind.cast(event)));
    }

    /** Does it. */
    void write(Event event) {
        Optional.ofNullable(lines.get(event.getClass())).ifPresent(line -> line.accept(event));
    }

    /** Whether it is decided for a kind. */
    boolean has(Class<?> kind) {
        return lines.containsKey(kind);
    }
}
