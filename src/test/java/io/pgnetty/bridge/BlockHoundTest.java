package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The watch over event loops works; otherwise the other tests' silence would mean nothing. */
class BlockHoundTest {

    @Test
    void blockingOnAnEventLoopIsFound() {
        try (TestBridge bridge = TestBridge.start(TestPostgres.shared().installed())) {
            assertThatThrownBy(() -> Mono.fromRunnable(
                                    () -> Mono.delay(Duration.ofMillis(1)).block())
                            .subscribeOn(Schedulers.parallel())
                            .block())
                    .isNotNull();
            assertThatThrownBy(() -> Mono.fromCallable(() -> {
                                new java.util.concurrent.CountDownLatch(1)
                                        .await(1, java.util.concurrent.TimeUnit.MILLISECONDS);
                                return bridge;
                            })
                            .subscribeOn(Schedulers.parallel())
                            .block())
                    .hasMessageContaining("Blocking call!");
        }
    }
}
