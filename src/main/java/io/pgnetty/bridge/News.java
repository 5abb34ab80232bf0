package io.pgnetty.bridge;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Tells what has changed in the order of the changes, and under no lock: whoever is told may ask back. */
final class News {

    private final Queue<Runnable> untold = new ConcurrentLinkedQueue<>();

    /** How often it was asked for. */
    private final AtomicInteger asked = new AtomicInteger();

    /** Something to tell; called under the lock of what has changed. */
    void add(Runnable one) {
        untold.add(one);
    }

    /** Tells all; called under no lock. One thread at a time does it, so that nothing is told before what came before it. */
    void tell() {
        int missed = asked.incrementAndGet();
        if (missed > 1) {
            return;
        }
        while (missed > 0) {
            for (Runnable one = untold.poll(); one != null; one = untold.poll()) {
                one.run();
            }
            missed = asked.addAndGet(-missed);
        }
    }
}
