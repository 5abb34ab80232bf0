package io.pgnetty.postgres;

import io.pgnetty.request.QueuedRequest;

/** Names one attempt at one request: by the lease that holds it for that. */
public record Attempt(long id, long lease) {

    /** The attempt that a claimed request is. */
    public static Attempt of(QueuedRequest request) {
        return new Attempt(request.id(), request.lease());
    }
}
