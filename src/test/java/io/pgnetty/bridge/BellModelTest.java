package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.bridge.BellModel.Machine;
import io.pgnetty.bridge.BellModel.Rules;
import io.pgnetty.bridge.BellState.Input;
import io.pgnetty.bridge.BellState.Mode;
import io.pgnetty.bridge.BellState.Output;
import io.pgnetty.bridge.BellState.Step;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every interleaving of senders, bridges, PostgreSQL's lock and a few faults, with the real {@link BellState}: no request is
 * ever committed and left with nobody who will look at it. And the same search finds the fault in each protocol that lacks one
 * of the parts.
 */
@Tag("quick")
class BellModelTest {

    @ParameterizedTest
    @CsvSource({"1, 2, 2", "1, 3, 1", "2, 1, 1", "2, 2, 0"})
    void noRequestIsLeftUnseen(int bridges, int senders, int faults) {
        assertLosesNothing(bridges, senders, faults);
    }

    /** Millions of states, a minute each. */
    @ParameterizedTest
    @CsvSource({"2, 1, 2", "2, 2, 1"})
    @EnabledIfSystemProperty(named = "pgnetty.bell", matches = "deep")
    void noRequestIsLeftUnseenInTheDeep(int bridges, int senders, int faults) {
        assertLosesNothing(bridges, senders, faults);
    }

    @Test
    void withoutTheLookAfterTheGrantARequestIsLost() {
        assertLoses(Rules.REAL, (state, input) -> {
            Step step = state.on(input);
            return input == Input.GRANTED && step.next().mode() == Mode.ASLEEP
                    ? new Step(step.next(), Output.NOTHING)
                    : step;
        });
    }

    @Test
    void whoFallsAsleepWithoutTheLockLosesARequest() {
        assertLoses(
                Rules.REAL,
                (state, input) -> input == Input.REFUSED && state.mode() == Mode.AWAKE
                        ? new Step(new BellState(Mode.ASLEEP, false), Output.LOOK)
                        : state.on(input));
    }

    @Test
    void whoStaysAsleepWithoutItsConnectionLosesARequest() {
        assertLoses(
                Rules.REAL,
                (state, input) -> input == Input.LOST && state.mode() == Mode.ASLEEP
                        ? new Step(state, Output.LOOK)
                        : state.on(input));
    }

    @Test
    void aLookThatBeganBeforeTheGrantIsNotEnough() {
        assertLoses(Rules.LOOK_IN_THE_STATEMENT_THAT_LOCKS, BellState::on);
    }

    @Test
    void aSenderThatTriesBeforeItsRowIsInSafetyLosesIt() {
        assertLoses(Rules.LOCK_IS_RELEASED_BEFORE_THE_COMMIT_IS_SEEN, BellState::on);
    }

    private static void assertLosesNothing(int bridges, int senders, int faults) {
        BellModel.Result result = new BellModel(bridges, senders, 1, faults, Rules.REAL, BellState::on).explore();
        assertThat(result.violation()).isEmpty();
        assertThat(result.states()).isGreaterThan(10_000);
    }

    private static void assertLoses(Rules rules, Machine machine) {
        assertThat(new BellModel(1, 2, 1, 1, rules, machine).explore().violation())
                .isNotEmpty();
    }
}
