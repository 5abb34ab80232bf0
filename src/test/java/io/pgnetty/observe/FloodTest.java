package io.pgnetty.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What somebody else can cause ever so often is said in summary. */
@Tag("quick")
class FloodTest {

    @Test
    void theFirstLinesPassAndTheRestIsCounted() {
        List<Long> summaries = new ArrayList<>();
        List<Runnable> later = new ArrayList<>();
        Flood flood = new Flood(summaries::add, later::add);
        assertThat(IntStream.range(0, 30_000).filter(i -> flood.pass()).count()).isEqualTo(10);
        assertThat(summaries).isEmpty();
        assertThat(later).hasSize(1);
        later.get(0).run();
        assertThat(summaries).containsExactly(29_990L);
        assertThat(flood.pass()).isTrue();
    }
}
