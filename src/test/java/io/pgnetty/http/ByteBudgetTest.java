package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("quick")
class ByteBudgetTest {

    private static final long MIB = 1 << 20;
    private static final long TOTAL = 24 * MIB;

    private final ByteBudget budget = new ByteBudget(TOTAL);

    /** A body that asked for room, and whether it has it. */
    private static final class Body {
        private final ByteBudget.Reservation memory;
        private final long bytes;
        private boolean granted;

        Body(ByteBudget budget, String host, long bytes) {
            this.memory = budget.open(host);
            this.bytes = bytes;
            memory.reserve(bytes).subscribe(nothing -> {}, error -> {}, () -> granted = true);
        }
    }

    private Body body(String host, long bytes) {
        return new Body(budget, host, bytes);
    }

    @Example
    void smallOnesAreFree() {
        body("a", TOTAL);
        assertThat(body("b", ByteBudget.FREE).granted).isTrue();
    }

    @Example
    void oneThatIsLargerThanAllGoesAlone() {
        Body small = body("b", MIB);
        Body large = body("a", 2 * TOTAL);
        assertThat(large.granted).isFalse();
        small.memory.close();
        assertThat(large.granted).isTrue();
        assertThat(body("b", MIB).granted).isFalse();
    }

    @Example
    void whatABodyDidNotNeedIsFreeAtOnce() {
        Body large = body("a", TOTAL);
        Body next = body("b", TOTAL / 2);
        large.memory.settle(MIB);
        assertThat(next.granted).isTrue();
    }

    @Example
    void aHostThatNeverEndsItsBodiesLeavesRoomForOthers() {
        List<Body> dribbled = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            dribbled.add(body("slow", 2 * MIB));
        }
        assertThat(dribbled.stream()
                        .filter(one -> one.granted)
                        .mapToLong(one -> one.bytes)
                        .sum())
                .isEqualTo(TOTAL / 2);
        for (int i = 0; i < 100; i++) {
            Body other = body("host" + i, 10 * MIB);
            assertThat(other.granted).isTrue();
            other.memory.close();
        }
    }

    @Example
    void alsoSomeSuchHosts() {
        for (int i = 0; i < 100; i++) {
            body("slow" + i % 3, MIB / 2);
        }
        assertThat(body("other", TOTAL / 4).granted).isTrue();
    }

    @Example
    void oneThatGivesUpWaitingHoldsUpNobody() {
        Body first = body("a", TOTAL);
        Body second = body("b", TOTAL);
        Body third = body("c", TOTAL);
        second.memory.close();
        first.memory.close();
        assertThat(second.granted).isFalse();
        assertThat(third.granted).isTrue();
    }

    /** Whatever comes and goes: never more than there is, and in the end all get through. */
    @Property(tries = 500)
    void boundedAndLive(@ForAll Random random, @ForAll @IntRange(min = 1, max = 8) int hosts) {
        ByteBudget some = new ByteBudget(TOTAL);
        Deque<Body> open = new ArrayDeque<>();
        for (int i = 0; i < 200; i++) {
            long bytes = 1 + (long) (random.nextDouble() * (random.nextInt(10) == 0 ? 2 * TOTAL : 4 * MIB));
            open.add(new Body(some, "host" + random.nextInt(hosts), bytes));
            if (random.nextBoolean()) {
                closeSome(open, random);
            }
            List<Long> taken = open.stream()
                    .filter(one -> one.granted && one.bytes > ByteBudget.FREE)
                    .map(one -> one.bytes)
                    .toList();
            assertThat(taken.size() <= 1 || taken.stream().mapToLong(one -> one).sum() <= TOTAL)
                    .isTrue();
        }
        while (!open.isEmpty()) {
            assertThat(open).anyMatch(one -> one.granted);
            closeSome(open, random);
        }
    }

    /** Ends what has its room, or some of it, and now and then one that still waits. */
    private static void closeSome(Deque<Body> open, Random random) {
        List<Body> ended = open.stream()
                .filter(one -> one.granted ? random.nextBoolean() : random.nextInt(50) == 0)
                .toList();
        ended.forEach(one -> one.memory.close());
        open.removeAll(ended);
    }
}
