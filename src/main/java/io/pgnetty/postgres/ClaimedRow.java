package io.pgnetty.postgres;

import static io.pgnetty.postgres.Rows.present;
import static io.pgnetty.postgres.Rows.seconds;

import io.pgnetty.request.BreakerRule;
import io.pgnetty.request.Header;
import io.pgnetty.request.QueuedRequest;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** A row of a claim: the claim's own columns, and a request unless it found none. */
record ClaimedRow(
        String lastHost, boolean more, boolean heldBack, Optional<Duration> nextIn, Optional<QueuedRequest> request) {

    static ClaimedRow of(Readable row) {
        String lastHost = row.get("last_host", String.class);
        return new ClaimedRow(
                lastHost == null ? "" : lastHost,
                present(row, "more", Boolean.class),
                present(row, "held_back", Boolean.class),
                Rows.nextIn(row),
                row.get("id", Long.class) == null ? Optional.empty() : Optional.of(request(row)));
    }

    /** Total: one row that cannot be read must not fail the claim of the others, again and again. */
    private static QueuedRequest request(Readable row) {
        List<Header> headers = List.of();
        String problem = null;
        try {
            headers = HeadersJson.read(present(row, "headers", String.class));
        } catch (JacksonException e) {
            problem = "headers cannot be read";
        }
        return new QueuedRequest(
                present(row, "id", Long.class),
                present(row, "lease_number", Long.class),
                present(row, "attempt", Integer.class),
                present(row, "method", String.class),
                present(row, "url", String.class),
                headers,
                row.get("body", byte[].class),
                present(row, "body_length", Integer.class),
                Duration.ofMillis(present(row, "timeout_milliseconds", Integer.class)),
                present(row, "idempotency_key", UUID.class),
                present(row, "max_attempts", Integer.class),
                present(row, "failures", Integer.class),
                problem,
                present(row, "host", String.class),
                present(row, "probe", Boolean.class),
                breaker(row),
                seconds(present(row, "waited_seconds", Double.class)));
    }

    private static @Nullable BreakerRule breaker(Readable row) {
        Double failureRate = row.get("break_failure_rate", Double.class);
        Integer minRequests = row.get("break_min_requests", Integer.class);
        Double pause = row.get("break_seconds", Double.class);
        return failureRate == null || minRequests == null || pause == null
                ? null
                : new BreakerRule(failureRate, minRequests, seconds(pause));
    }
}
