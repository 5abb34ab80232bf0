package io.pgnetty.postgres;

import io.pgnetty.request.Completed;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Failed;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.request.Verdict;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An outcome as a row of {@code net._http_response}, and what becomes of its request. A body that is text in the database's encoding goes to {@code content};
 * any other goes whole to {@code content_bytes}. An answer that is retried leaves its status alone.
 *
 * @param retryMillis how long until the request is due again; null when it is done with
 * @param exhausted whether the outcome is no success, and the last
 * @param failure why there was no answer, as a label
 * @param tookMillis how long the attempt took
 * @param ageMillis how long ago it began
 */
record ResponseRow(
        long id,
        long lease,
        int attempt,
        @Nullable Integer statusCode,
        @Nullable String contentType,
        @Nullable String headers,
        @Nullable String content,
        byte @Nullable [] contentBytes,
        boolean timedOut,
        @Nullable String errorMessage,
        @Nullable Long retryMillis,
        boolean exhausted,
        @Nullable String failure,
        double tookMillis,
        double ageMillis) {

    static ResponseRow of(Completed completed, TextEncoding encoding) {
        Outcome outcome = completed.outcome();
        Responded response = outcome instanceof Responded given ? given : null;
        Failed failed = outcome instanceof Failed given ? given : null;
        Responded stored = completed.verdict() instanceof Verdict.Retry ? null : response;
        Optional<String> text = stored == null || stored.coded()
                ? Optional.empty()
                : BodyText.of(stored.body(), stored.contentType()).filter(encoding::holds);
        return new ResponseRow(
                completed.request().id(),
                completed.request().lease(),
                completed.request().attempt(),
                response == null ? null : response.status(),
                stored == null || stored.contentType() == null ? null : encoding.representable(stored.contentType()),
                stored == null ? null : HeadersJson.write(stored.headers(), encoding),
                text.orElse(null),
                stored == null || text.isPresent() ? null : stored.body(),
                failed != null && failed.kind() == FailureKind.TIMEOUT,
                failed == null ? null : encoding.representable(failed.message()),
                // Rounded up: a retry is never early.
                completed.verdict() instanceof Verdict.Retry retry
                        ? retry.after().toMillis() + 1
                        : null,
                completed.verdict() instanceof Verdict.Exhausted,
                failed == null ? null : failed.kind().label(),
                completed.took().toNanos() / 1e6,
                (System.nanoTime() - completed.startedAt()) / 1e6);
    }

    /** What it adds to a message to the database, roughly, in bytes. */
    static long weight(Completed completed) {
        return completed.outcome() instanceof Responded response
                ? 512L
                        + response.body().length
                        + response.headers().stream()
                                .mapToLong(header -> 128L
                                        + header.name().length()
                                        + header.value().length())
                                .sum()
                : 512L;
    }
}
