package io.pgnetty.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.bridge.PollerModel.Machine;
import io.pgnetty.bridge.PollerModel.Rules;
import io.pgnetty.bridge.PollerState.Input;
import io.pgnetty.bridge.PollerState.Mode;
import io.pgnetty.bridge.PollerState.Output;
import io.pgnetty.bridge.PollerState.Step;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every interleaving of senders, bridges, PostgreSQL's lock and a few faults, with the real {@link PollerState}: no request is
 * ever committed and left with nobody who will look at it. And the same search finds the fault in each protocol that lacks one
 * of the parts.
 */
@Tag("quick")
class PollerModelTest {

    @ParameterizedTest
    @CsvSource({"1, 2, 2", "1, 3, 1", "2, 1, 1", "2, 2, 0"})
    void noRequestIsLeftUnseen(int bridges, int senders, int faults) {
        assertLosesNothing(bridges, senders, faults);
    }

    /** Millions of states, a minute each. */
    @ParameterizedTest
    @CsvSource({"2, 1, 2", "2, 2, 1"})
    @EnabledIfSystemProperty(named = "pgnetty.polling", matches = "deep")
    void noRequestIsLeftUnseenInTheDeep(int bridges, int senders, int faults) {
        assertLosesNothing(bridges, senders, faults);
    }

    @Test
    void withoutTheLookAfterTheGrantARequestIsLost() {
        assertLoses(Rules.REAL, (state, input) -> {
            Step step = state.on(input);
            return input == Input.GRANTED && step.next().mode() == Mode.LISTENING
                    ? new Step(step.next(), Output.NOTHING)
                    : step;
        });
    }

    @Test
    void whoFallsAsleepWithoutTheLockLosesARequest() {
        assertLoses(
                Rules.REAL,
                (state, input) -> input == Input.REFUSED && state.mode() == Mode.POLLING
                        ? new Step(new PollerState(Mode.LISTENING, false), Output.POLL)
                        : state.on(input));
    }

    @Test
    void whoStaysAsleepWithoutItsConnectionLosesARequest() {
        assertLoses(
                Rules.REAL,
                (state, input) -> input == Input.LOST && state.mode() == Mode.LISTENING
                        ? new Step(state, Output.POLL)
                        : state.on(input));
    }

    @Test
    void aLookThatBeganBeforeTheGrantIsNotEnough() {
        assertLoses(Rules.LOOK_IN_THE_STATEMENT_THAT_LOCKS, PollerState::on);
    }

    @Test
    void aSenderThatTriesBeforeItsRowIsInSafetyLosesIt() {
        assertLoses(Rules.LOCK_IS_RELEASED_BEFORE_THE_COMMIT_IS_SEEN, PollerState::on);
    }

    private static void assertLosesNothing(int bridges, int senders, int faults) {
        PollerModel.Result result = new PollerModel(bridges, senders, 1, faults, Rules.REAL, PollerState::on).explore();
        assertThat(result.violation()).isEmpty();
        assertThat(result.states()).isGreaterThan(10_000);
    }

    private static void assertLoses(Rules rules, Machine machine) {
        assertThat(new PollerModel(1, 2, 1, 1, rules, machine).explore().violation())
                .isNotEmpty();
    }
}
