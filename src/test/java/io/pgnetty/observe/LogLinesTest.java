package io.pgnetty.observe;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Verdict;
import io.pgnetty.testing.Queued;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@Tag("quick")
class LogLinesTest {

    @Test
    void whatBecomesOfAnEventIsDecidedForEachKind() {
        assertThat(kinds(Event.class)).hasSizeGreaterThan(20).allMatch(LogLines::has);
    }

    @Test
    void anAnswerThatIsAnErrorHasALine() {
        Outcome.Responded answer = new Outcome.Responded(404, null, List.of(), new byte[0]);
        assertThat(line(new Event.Sent(
                        Queued.of("POST", "http://a.example/secret-path"),
                        answer,
                        new Verdict.Done(),
                        Duration.ofMillis(12),
                        Instant.now())))
                .containsExactly(
                        "INFO request answered",
                        "request_id=1",
                        "http_host=h",
                        "http_method=POST",
                        "attempt=1",
                        "duration_ms=12",
                        "http_status=404");
        Outcome.Responded fine = new Outcome.Responded(204, null, List.of(), new byte[0]);
        assertThat(line(new Event.Sent(
                        Queued.get("http://a.example/"),
                        fine,
                        new Verdict.Done(),
                        Duration.ofMillis(12),
                        Instant.now())))
                .isEmpty();
    }

    @Test
    void aFailedAttemptHasALine() {
        Outcome.Failed failed = new Outcome.Failed(FailureKind.CONNECT, "nobody there");
        assertThat(line(new Event.Sent(
                        Queued.get("http://a.example/"),
                        failed,
                        new Verdict.Retry(Duration.ofSeconds(1)),
                        Duration.ofMillis(3),
                        Instant.now())))
                .contains("INFO request failed: nobody there", "failure=connect", "retry_in_ms=1000", "http_host=h")
                .noneMatch(field -> field.startsWith("host=") || field.startsWith("status="));
    }

    /** At the level that the program has without --verbose. */
    private static List<String> line(Event event) {
        Logger logger = (Logger) LoggerFactory.getLogger("pgnetty");
        Level before = logger.getLevel();
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        logger.setLevel(Level.INFO);
        try {
            LogLines.of(event);
            return lines.list.stream()
                    .flatMap(line -> Stream.concat(
                            Stream.of(line.getLevel() + " " + line.getFormattedMessage()),
                            line.getKeyValuePairs().stream().map(pair -> pair.key + "=" + pair.value)))
                    .toList();
        } finally {
            logger.detachAppender(lines);
            logger.setLevel(before);
        }
    }

    /** All that a sealed interface has, in those that it has as well. */
    private static Stream<Class<?>> kinds(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(LogLinesTest::kinds)
                : Stream.of(type);
    }
}
