package io.pgnetty.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A listener that throws, or blocks, is its own problem. */
@Tag("quick")
class EventQueueTest {

    @Test
    void aListenerThatThrowsKeepsTheEventFromNobodyElse() {
        List<Event> seen = new ArrayList<>();
        Events all = new Fanout(List.of(
                event -> {
                    throw new IllegalStateException("broken listener");
                },
                seen::add));
        all.emit(new Event.Notified());
        all.emit(new Event.Notified());
        assertThat(seen).hasSize(2);
        assertThat(all.dropped()).isEqualTo(2);
    }

    @Test
    void eventsComeInTheirOrderAndAllOfThem() {
        List<Event> seen = Collections.synchronizedList(new ArrayList<>());
        List<Event> sent =
                IntStream.range(0, 5_000).<Event>mapToObj(Event.Requeued::new).toList();
        try (EventQueue queue = new EventQueue(seen::add)) {
            sent.forEach(queue::emit);
        }
        assertThat(seen).isEqualTo(sent);
    }

    @Test
    void aListenerThatBlocksHoldsUpNobodyAndWhatItMissesIsCounted() {
        CountDownLatch latch = new CountDownLatch(1);
        List<Event> seen = Collections.synchronizedList(new ArrayList<>());
        try (EventQueue queue = new EventQueue(event -> {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            seen.add(event);
        })) {
            // Ten thousand wait, one or none is with the listener.
            IntStream.range(0, 10_100).forEach(i -> queue.emit(new Event.Requeued(i)));
            assertThat(queue.dropped()).isBetween(99L, 100L);
            latch.countDown();
            Awaitility.await().until(() -> seen.size() + queue.dropped() == 10_100);
        }
    }
}
