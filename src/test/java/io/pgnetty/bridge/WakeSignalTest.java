package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** No wake-up is lost, whoever wakes; and nobody who wakes is made to wait, as event loops do. */
@Tag("quick")
class WakeSignalTest {

    @RepeatedTest(20)
    void whateverComesBeforeAWakeUpIsSeenByALookAfterIt() {
        WakeSignal wakeUp = new WakeSignal();
        AtomicLong written = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        AtomicInteger failed = new AtomicInteger();
        Disposable looks = wakeUp.wakes()
                .concatMap(
                        wake -> Mono.fromRunnable(() -> seen.set(written.get()))
                                // As a look does, it ends on another thread.
                                .subscribeOn(Schedulers.parallel()),
                        1)
                .subscribe();
        int threads = 4;
        CountDownLatch done = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            // Threads on which BlockHound lets nothing block.
            Schedulers.parallel().schedule(() -> {
                try {
                    for (int n = 0; n < 20_000; n++) {
                        written.incrementAndGet();
                        wakeUp.wake();
                    }
                } catch (Throwable blocked) {
                    failed.incrementAndGet();
                } finally {
                    done.countDown();
                }
            });
        }
        Awaitility.await().until(() -> done.getCount() == 0);
        Awaitility.await().until(() -> seen.get() == written.get());
        assertThat(failed).hasValue(0);
        looks.dispose();
    }
}
