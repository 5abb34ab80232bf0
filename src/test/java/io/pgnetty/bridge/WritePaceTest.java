package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** When results are written, whatever comes when. */
@Tag("quick")
@net.jqwik.api.Tag("quick")
class WritePaceTest {

    private static final int SLOTS = 64;

    private final WritePace pace = new WritePace(SLOTS);

    @Test
    void aResultThatComesAloneGoesAtOnce() {
        assertThat(pace.untilNext(1, at(0))).isZero();
        pace.began(at(0));
        pace.ended(1, at(3));
        assertThat(pace.untilNext(1, at(3))).isZero();
    }

    @Test
    void underLoadResultsWaitForEachOtherAMoment() {
        pace.began(at(0));
        pace.ended(8, at(3));
        assertThat(pace.untilNext(1, at(5))).isEqualTo(Duration.ofMillis(8));
        assertThat(pace.untilNext(31, at(5))).isEqualTo(Duration.ofMillis(8));
        assertThat(pace.untilNext(32, at(5))).isZero();
        assertThat(pace.untilNext(1, at(13))).isZero();
    }

    @Test
    void aSecondWriterHelpsOnlyWhereTheFirstIsLate() {
        pace.began(at(0));
        assertThat(pace.untilNext(10, at(10))).isEqualTo(Duration.ofMillis(20));
        assertThat(pace.untilNext(10, at(30))).isZero();
        assertThat(pace.untilNext(1_000, at(10))).isZero();
        pace.began(at(30));
        assertThat(pace.untilNext(1_000, at(90))).isNegative();
    }

    /** Whatever the batches were: nothing waits longer than the longest wait once no batch is under way, and two at most are. */
    @Property(tries = 500)
    void nothingWaitsForEver(
            @ForAll @Size(max = 50) List<@IntRange(max = 300) Integer> rows,
            @ForAll @IntRange(min = 1, max = 600) int slots) {
        WritePace one = new WritePace(slots);
        long now = 0;
        int writers = 0;
        for (int waiting : rows) {
            now += TimeUnit.MILLISECONDS.toNanos(waiting % 7);
            Duration wait = one.untilNext(1 + waiting, now);
            if (wait.isNegative()) {
                assertThat(writers).isEqualTo(2);
                one.ended(waiting, now);
                writers--;
            } else {
                assertThat(wait).isLessThanOrEqualTo(WritePace.LATE);
                assertThat(one.untilNext(1 + waiting, now + wait.toNanos())).isZero();
                if (waiting % 3 == 0 && writers > 0) {
                    one.ended(waiting, now);
                    writers--;
                } else if (wait.isZero()) {
                    one.began(now);
                    writers++;
                }
            }
        }
        assertThat(writers).isBetween(0, 2);
    }

    private static long at(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
