package io.pgnetty.postgres;

import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a claim found.
 *
 * @param requests lowest id first
 * @param turns whose turn it is next
 * @param more whether it may have left requests that could be claimed now, for want of slots or of turns
 * @param heldBack whether it left requests that a rule, or a circuit breaker, does not let go yet
 * @param nextIn when some of these may go, if that is known
 */
public record Claim(
        List<QueuedRequest> requests, Turns turns, boolean more, boolean heldBack, Optional<Duration> nextIn) {

    static Claim of(List<ClaimReader.Claimed> rows, ClaimTerms terms) {
        List<QueuedRequest> requests = rows.stream()
                .flatMap(row -> row.request().stream())
                .sorted(Comparator.comparingLong(QueuedRequest::id))
                .toList();
        List<Turns.Line> lines =
                rows.stream().flatMap(row -> row.line().stream()).toList();
        boolean isFull = requests.size() >= terms.requests();
        return new Claim(
                requests,
                terms.turns().after(lines, isFull),
                isFull || rows.stream().anyMatch(ClaimReader.Claimed::more),
                rows.stream().anyMatch(ClaimReader.Claimed::heldBack),
                rows.stream().flatMap(row -> row.nextIn().stream()).min(Comparator.naturalOrder()));
    }
}
