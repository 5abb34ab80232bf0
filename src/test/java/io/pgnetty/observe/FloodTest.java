package io.pgnetty.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What somebody else can cause ever so often is said in summary. */
class FloodTest {

    @Test
    void theFirstLinesPassAndTheRestIsCounted() {
        VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
        try {
            List<Long> summaries = new ArrayList<>();
            Flood flood = new Flood(summaries::add);
            assertThat(IntStream.range(0, 30_000).filter(i -> flood.pass()).count())
                    .isEqualTo(10);
            assertThat(summaries).isEmpty();
            time.advanceTimeBy(Duration.ofMinutes(2));
            assertThat(summaries).containsExactly(29_990L);
            assertThat(flood.pass()).isTrue();
        } finally {
            VirtualTimeScheduler.reset();
        }
    }
}
