package io.pgnetty.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("quick")
class LogLinesTest {

    @Test
    void whatBecomesOfAnEventIsDecidedForEachKind() {
        assertThat(kinds(Event.class)).hasSizeGreaterThan(20).allMatch(LogLines::has);
    }

    /** All that a sealed interface has, in those that it has as well. */
    private static Stream<Class<?>> kinds(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(LogLinesTest::kinds)
                : Stream.of(type);
    }
}
