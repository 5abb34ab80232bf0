package io.pgnetty.service;

import io.pgnetty.bridge.Health;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.observe.Fanout;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Hands events to the bridge's health, to the meters and to the listeners, which are known later than those that emit. */
final class Relay implements Events {

    private volatile Events all = event -> {};
    private volatile @Nullable Health health;

    /** From now on, the first ones first. */
    void tell(List<Events> first, List<Events> others) {
        all = new Fanout(Stream.concat(first.stream(), others.stream()).toList());
    }

    void tell(Health listener) {
        health = listener;
    }

    @Override
    public void emit(Event event) {
        Health now = health;
        if (now != null && event instanceof Event.Listening) {
            now.listening();
        } else if (now != null && event instanceof Event.ListenLost lost) {
            now.notListening("not listening: " + lost.reason());
        }
        all.emit(event);
    }

    @Override
    public long dropped() {
        return all.dropped();
    }
}
