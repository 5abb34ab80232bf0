package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.bridge.Shortage.Change;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How many requests may be in flight while connections cannot be opened. */
@Tag("quick")
@net.jqwik.api.Tag("quick")
class ShortageTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void itTakesAQuarterAndGivesItBack() {
        Shortage shortage = new Shortage(64);
        assertThat(shortage.free(10, 50, 0)).isEqualTo(10);
        assertThat(shortage.lookAgainIn(0)).isZero();

        assertThat(shortage.happened(40, 0)).isEqualTo(Change.BEGINS);
        assertThat(shortage.happened(39, 1)).isEqualTo(Change.NONE);
        assertThat(shortage.free(64, 0, 1)).isZero();
        long after = shortage.lookAgainIn(0).toNanos();
        assertThat(shortage.free(64, 0, after)).isEqualTo(30);
        assertThat(shortage.free(64, 30, after)).isZero();
        assertThat(shortage.free(64, 30, after + SECOND)).isEqualTo(4);
        assertThat(shortage.endsNow(after + 8 * SECOND)).isFalse();
        assertThat(shortage.endsNow(after + 9 * SECOND)).isTrue();
        assertThat(shortage.endsNow(after + 9 * SECOND)).isFalse();
        assertThat(shortage.free(64, 0, after + 9 * SECOND)).isEqualTo(64);
    }

    @Test
    void whereItGoesOnClaimsWaitLonger() {
        Shortage shortage = new Shortage(64);
        long now = 0;
        Duration before = Duration.ZERO;
        for (int i = 0; i < 10; i++) {
            assertThat(shortage.happened(1, now)).isEqualTo(i == 0 ? Change.BEGINS : Change.GOES_ON);
            Duration pause = shortage.lookAgainIn(now);
            assertThat(pause).isBetween(before, Duration.ofSeconds(2));
            before = pause;
            now += pause.toNanos();
            // One is always tried.
            assertThat(shortage.free(64, 0, now)).isPositive();
        }
        assertThat(before).isEqualTo(Duration.ofSeconds(2));
    }

    /** Whatever happens: never more than there are slots, and some day all of them. */
    @Property
    void itEnds(
            @ForAll @IntRange(min = 1, max = 10_000) int slots,
            @ForAll List<@IntRange(min = 1, max = 500) Integer> steps) {
        Shortage shortage = new Shortage(slots);
        long now = Long.MAX_VALUE - SECOND;
        for (int step : steps) {
            now += step * 10_000_000L;
            if (step % 3 == 0) {
                shortage.happened(1 + step % slots, now);
            }
            assertThat(shortage.free(slots, 0, now)).isBetween(0, slots);
        }
        now += 100 * SECOND * Math.max(1, slots);
        shortage.endsNow(now);
        assertThat(shortage.free(slots, 0, now)).isEqualTo(slots);
    }
}
