package io.pgnetty.postgres;

import static io.pgnetty.postgres.Rows.present;
import static io.pgnetty.postgres.Rows.seconds;

import io.pgnetty.request.Header;
import io.pgnetty.request.QueuedRequest;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.core.JacksonException;

/** Reads the rows of one claim: first those about lines, each with its lease, then the requests, each with the turn of its line. */
final class ClaimReader {

    private final Map<Integer, LeasedLine> lines = new HashMap<>();

    /** What the requests of a line have in common. */
    private record LeasedLine(long role, String host, long lease, boolean probe) {}

    /**
     * A row: a request, or what became of a line of them.
     *
     * @param line empty for a request, and for hosts that were not looked at
     * @param more whether there may be more to claim at once
     * @param heldBack whether there may be more to claim later
     * @param nextIn when that is, where it is known
     */
    record Claimed(
            Optional<QueuedRequest> request,
            Optional<Turns.Line> line,
            boolean more,
            boolean heldBack,
            Optional<Duration> nextIn) {}

    Claimed read(Readable row) {
        return row.get("id", Long.class) == null
                ? new Claimed(
                        Optional.empty(),
                        line(row),
                        present(row, "more", Boolean.class),
                        present(row, "held_back", Boolean.class),
                        Rows.nextIn(row))
                : new Claimed(Optional.of(request(row)), Optional.empty(), false, false, Optional.empty());
    }

    private Optional<Turns.Line> line(Readable row) {
        Integer turn = row.get("turn", Integer.class);
        if (turn == null) {
            return Optional.empty();
        }
        long role = present(row, "role", Long.class);
        String host = present(row, "host", String.class);
        Long lease = row.get("lease_number", Long.class);
        if (lease != null) {
            lines.put(turn, new LeasedLine(role, host, lease, present(row, "probe", Boolean.class)));
        }
        return Optional.of(new Turns.Line(
                role, host, turn, present(row, "given", Integer.class), present(row, "left_over", Integer.class)));
    }

    /** Total: one row that cannot be read must not fail the claim of the others, again and again. */
    private QueuedRequest request(Readable row) {
        LeasedLine line = Objects.requireNonNull(lines.get(present(row, "turn", Integer.class)), "a line comes first");
        List<Header> headers = List.of();
        String problem = null;
        try {
            headers = HeadersJson.read(present(row, "headers", String.class));
        } catch (JacksonException e) {
            problem = "headers cannot be read";
        }
        return new QueuedRequest(
                present(row, "id", Long.class),
                line.lease(),
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
                line.host(),
                line.role(),
                present(row, "slow", Boolean.class),
                line.probe(),
                row.get("sign_with", String.class),
                seconds(present(row, "waited_seconds", Double.class)));
    }
}
