package io.pgnetty.observe;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hands events to a listener on a thread of its own, in their order. Where the listener is too slow for longer than there is room,
 * events are dropped and counted; the thread that emits them never waits.
 */
public final class EventQueue implements Events, AutoCloseable {

    private static final int CAPACITY = 10_000;

    /** For how long a close waits for what is in the queue. */
    private static final Duration LAST = Duration.ofSeconds(2);

    private final Events listener;
    /** Empty: look whether this is closed. */
    private final BlockingQueue<Optional<Event>> waiting = new ArrayBlockingQueue<>(CAPACITY);

    private final LongAdder overflown = new LongAdder();
    private final Thread thread;
    private volatile boolean closed;

    /** Starts the thread. */
    public EventQueue(Events listener) {
        this.listener = new Fanout(List.of(listener));
        this.thread = new Thread(this::work, "pgnetty-events");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void emit(Event event) {
        if (!waiting.offer(Optional.of(event))) {
            overflown.increment();
        }
    }

    @Override
    public long dropped() {
        return overflown.sum() + listener.dropped();
    }

    /** Hands over the events that wait, for 2 s at most. */
    @Override
    public void close() {
        closed = true;
        // Where there is no room for it, nobody waits for it.
        waiting.offer(Optional.empty());
        try {
            thread.join(LAST.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try {
            while (!closed || !waiting.isEmpty()) {
                waiting.take().ifPresent(listener::emit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
