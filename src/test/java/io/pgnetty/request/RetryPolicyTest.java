package io.pgnetty.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.Queued;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether and when a request is sent again. */
@Tag("quick")
@net.jqwik.api.Tag("quick")
class RetryPolicyTest {

    private static final Clock NOON = Clock.fixed(Instant.parse("2026-11-23T12:00:00Z"), ZoneOffset.UTC);

    @Test
    void theDocsSayWhatIsRetried() throws IOException {
        Map<String, String> docs = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("docs/delivery.md"))) {
            String[] cells = line.split("\\s*\\|\\s*");
            if (cells.length == 6 && cells[1].matches("`[a-z_]+`") && cells[2].matches("yes|no")) {
                docs.put(cells[1].replace("`", ""), cells[2]);
            }
        }
        Map<String, String> code = new TreeMap<>();
        for (FailureKind kind : FailureKind.values()) {
            code.put(kind.label(), kind.isRetried() ? "yes" : "no");
        }
        assertThat(docs).isEqualTo(code);
        assertThat(Files.readString(Path.of("docs/delivery.md"))).contains("| 408, 425, 429, 500 to 599 | yes |");
    }

    @Property
    void onlySomeStatusesAreRetried(@ForAll @IntRange(min = 100, max = 999) int status) {
        boolean retried = List.of(408, 425, 429).contains(status) || status / 100 == 5;
        Verdict verdict = policy(0.5).decide(Queued.tried(2, 0), answer(status));
        assertThat(verdict instanceof Verdict.Retry).isEqualTo(retried);
        if (!retried) {
            assertThat(verdict).isEqualTo(new Verdict.Done());
        }
    }

    @Property
    void attemptsAreBoundedAndPausesWithinTheirBackoff(
            @ForAll @IntRange(min = 1, max = 1000) int max,
            @ForAll @IntRange(min = 0, max = 999) int failures,
            @ForAll @DoubleRange(min = 0, max = 1) double dice) {
        Verdict verdict = policy(dice).decide(Queued.tried(max, failures), answer(503));
        if (failures + 1 >= max) {
            assertThat(verdict).isEqualTo(new Verdict.Exhausted());
            return;
        }
        double most = Math.min(Math.pow(2, failures), 600);
        assertThat(((Verdict.Retry) verdict).after().toNanos() / 1e9).isBetween(0.0, most);
    }

    @ParameterizedTest
    @CsvSource({
        "7, 7",
        "0, 0",
        "86400, 3600",
        "99999999999999999, 3600",
        "'Mon, 23 Nov 2026 12:00:30 GMT', 30",
        "'Mon, 23 Nov 2026 11:00:30 GMT', 0",
        "'Tue, 24 Nov 2026 12:00:30 GMT', 3600",
        "soon, 0",
        "-5, 0",
    })
    void retryAfterIsWaitedForUpToItsCap(String value, long seconds) {
        assertThat(after(policy(0), new Header("Retry-After", value))).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void aDateIsReadByTheTargetsOwnClock() {
        Header date = new Header("date", "Mon, 23 Nov 2026 12:30:00 GMT");
        Header then = new Header("retry-after", "Mon, 23 Nov 2026 12:30:09 GMT");
        assertThat(after(policy(0), date, then)).isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void whoIsToldTheSameComesBackSpread() {
        assertThat(after(policy(1), new Header("Retry-After", "100"))).isEqualTo(Duration.ofSeconds(110));
    }

    @Test
    void whatFailsForGoodIsSpentAtOnce() {
        assertThat(policy(0).decide(Queued.tried(9, 0), new Outcome.Failed(FailureKind.TLS, "no")))
                .isEqualTo(new Verdict.Exhausted());
        assertThat(policy(0).decide(Queued.tried(1, 0), new Outcome.Failed(FailureKind.CONNECT, "no")))
                .isEqualTo(new Verdict.Exhausted());
    }

    private static Duration after(RetryPolicy policy, Header... headers) {
        Outcome outcome = new Outcome.Responded(429, null, List.of(headers), new byte[0]);
        return ((Verdict.Retry) policy.decide(Queued.tried(2, 0), outcome)).after();
    }

    private static Outcome answer(int status) {
        return new Outcome.Responded(status, null, List.of(), new byte[0]);
    }

    private static RetryPolicy policy(double dice) {
        return new RetryPolicy(NOON, () -> dice);
    }
}
