package io.pgnetty.request;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of the queue, claimed by this bridge.
 *
 * @param id the request's id
 * @param lease number of the lease that holds it; every write-back is fenced on it
 * @param attempt number of this attempt, from 1 on
 * @param method HTTP method token as queued
 * @param url absolute URL as queued
 * @param headers in the order in which they are sent; a repeated name is a repeated header
 * @param body null when the request has none, or when it is too large to be fetched
 * @param bodyBytes length of the body in the queue, also when it was not fetched
 * @param timeout one deadline over name resolution, connection, TLS, redirects and body
 * @param idempotencyKey the same on each attempt
 * @param maxAttempts how often it is sent at most while it fails, from 1 on
 * @param failures attempts that failed before this one
 * @param problem why the row cannot be sent at all, or null
 * @param host as it is counted and ruled: lower case, with a port that is not the scheme's own
 * @param role the role that queued it, by its object id
 * @param slow whether it may run for long, by its time-out
 * @param probe whether its outcome decides if the host's circuit breaker closes
 * @param signWith the secret that signs it, or null
 * @param waited from the insert's {@code clock_timestamp()} to the claim, on the database's clock
 */
public record QueuedRequest(
        long id,
        long lease,
        int attempt,
        String method,
        String url,
        List<Header> headers,
        byte @Nullable [] body,
        long bodyBytes,
        Duration timeout,
        UUID idempotencyKey,
        int maxAttempts,
        int failures,
        @Nullable String problem,
        String host,
        long role,
        boolean slow,
        boolean probe,
        @Nullable String signWith,
        Duration waited) {

    /** The same, held by another lease. */
    public QueuedRequest heldBy(long other) {
        return with(other, headers);
    }

    /** The same with other headers. */
    public QueuedRequest with(List<Header> others) {
        return with(lease, others);
    }

    private QueuedRequest with(long otherLease, List<Header> otherHeaders) {
        return new QueuedRequest(
                id,
                otherLease,
                attempt,
                method,
                url,
                otherHeaders,
                body,
                bodyBytes,
                timeout,
                idempotencyKey,
                maxAttempts,
                failures,
                problem,
                host,
                role,
                slow,
                probe,
                signWith,
                waited);
    }

    /** Bytes of the body in memory. */
    public long bytesHeld() {
        return body == null ? 0 : body.length;
    }

    /** Whether the body was left in the database because it is over the limit. */
    public boolean bodyTooLarge() {
        return body == null && bodyBytes > 0;
    }
}
