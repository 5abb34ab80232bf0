package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How many requests may be claimed, whatever the writers do. */
@Tag("quick")
@net.jqwik.api.Tag("quick")
class WriteGateTest {

    private static final int SLOTS = 4;

    @Test
    void resultsThatFlowTakeASlotOnlyBeyondAsManyAgain() {
        WriteGate gate = new WriteGate(SLOTS, 10, 1_000);
        assertThat(gate.free(0, 0)).isEqualTo(4);
        assertThat(gate.free(4, 4)).isZero();
        assertThat(gate.free(0, 4)).isEqualTo(4);
        assertThat(gate.free(0, 7)).isEqualTo(1);
        assertThat(gate.free(0, 8)).isZero();
    }

    @Test
    void nothingIsClaimedWhileResultsAreRefused() {
        WriteGate gate = new WriteGate(SLOTS, 10, 1_000);
        gate.refused();
        assertThat(gate.free(0, 2)).isZero();
        gate.accepted();
        assertThat(gate.free(0, 2)).isEqualTo(4);
    }

    @Test
    void eachRefusalOfARowAloneAllowsOneProbe() {
        WriteGate gate = new WriteGate(SLOTS, 10, 1_000);
        assertThat(gate.refusedAgain()).isFalse();
        gate.refused();
        assertThat(gate.refusedAgain()).isTrue();
        assertThat(gate.free(0, 4)).isEqualTo(1);
        assertThat(gate.free(0, 4)).isZero();
        assertThat(gate.refusedAgain()).isTrue();
        // Not used up where there is no room for it.
        assertThat(gate.free(4, 4)).isZero();
        assertThat(gate.free(3, 4)).isEqualTo(1);
    }

    @Test
    void rowsThatAreWrittenAloneTakeNoSlotUpToABound() {
        WriteGate gate = new WriteGate(SLOTS, 10, 1_000);
        for (int i = 0; i < 10; i++) {
            assertThat(gate.exempt(50)).isTrue();
        }
        assertThat(gate.exempt(50)).isFalse();
        assertThat(gate.free(0, 10)).isEqualTo(4);
        assertThat(gate.free(0, 18)).isZero();
        gate.leave(50);
        assertThat(gate.exempt(600)).isFalse();
        assertThat(gate.exempt(550)).isTrue();
    }

    /** Never more than the slots in flight, never more held than the bound, and something may always be claimed once all is well. */
    @Property(tries = 300)
    void isBoundedAndNeverStops(@ForAll @Size(max = 200) List<@IntRange(max = 6) Integer> steps) {
        WriteGate gate = new WriteGate(SLOTS, 10, 1_000);
        int inFlight = 0;
        Deque<Boolean> results = new ArrayDeque<>();
        for (int step : steps) {
            switch (step) {
                case 0 -> inFlight += gate.free(inFlight, inFlight + results.size());
                case 1 -> {
                    if (inFlight > 0) {
                        inFlight--;
                        results.add(false);
                    }
                }
                case 2 -> {
                    if (!results.isEmpty()) {
                        if (results.poll()) {
                            gate.leave(60);
                        }
                        gate.accepted();
                    }
                }
                case 3 -> {
                    if (Boolean.FALSE.equals(results.peek())) {
                        results.poll();
                        results.add(gate.exempt(60));
                        gate.refused();
                    }
                }
                case 4 -> gate.refusedAgain();
                case 5 -> gate.refused();
                default -> gate.accepted();
            }
            assertThat(inFlight).isBetween(0, SLOTS);
            assertThat(inFlight + results.size()).isLessThanOrEqualTo(gate.mostHeld());
        }
        results.forEach(exempt -> {
            if (exempt) {
                gate.leave(60);
            }
        });
        gate.accepted();
        assertThat(gate.free(0, 0)).isEqualTo(SLOTS);
    }
}
