package io.pgnetty.postgres;

import static io.pgnetty.postgres.Rows.present;
import static io.pgnetty.postgres.Rows.seconds;

import io.pgnetty.request.Header;
import io.pgnetty.request.QueuedRequest;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;

/**
 * A row of a claim: a request, or what became of a line of them.
 *
 * @param line empty for a request, and for hosts that were not looked at
 * @param more whether there may be more to claim at once
 * @param heldBack whether there may be more to claim later
 * @param nextIn when that is, where it is known
 */
record ClaimedRow(
        Optional<QueuedRequest> request,
        Optional<Turns.Line> line,
        boolean more,
        boolean heldBack,
        Optional<Duration> nextIn) {

    static ClaimedRow of(Readable row) {
        return row.get("id", Long.class) == null
                ? new ClaimedRow(
                        Optional.empty(),
                        line(row),
                        present(row, "more", Boolean.class),
                        present(row, "held_back", Boolean.class),
                        Rows.nextIn(row))
                : new ClaimedRow(Optional.of(request(row)), Optional.empty(), false, false, Optional.empty());
    }

    private static Optional<Turns.Line> line(Readable row) {
        return Optional.ofNullable(row.get("role", Long.class))
                .map(role -> new Turns.Line(
                        role,
                        present(row, "host", String.class),
                        present(row, "turn", Integer.class),
                        present(row, "given", Integer.class),
                        present(row, "left_over", Integer.class)));
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
                present(row, "role", Long.class),
                present(row, "slow", Boolean.class),
                present(row, "probe", Boolean.class),
                seconds(present(row, "waited_seconds", Double.class)));
    }
}
