package io.pgnetty.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("quick")
class LogLinesTest {

    @Test
    void whatBecomesOfAnEventIsDecidedForEachKind() {
        assertThat(Event.class.getPermittedSubclasses()).isNotEmpty().allMatch(LogLines::has);
    }
}
