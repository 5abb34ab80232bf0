package io.pgnetty.postgres;

import io.pgnetty.request.QueuedRequest;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a bridge holds of one role and has no answer to yet.
 *
 * @param role its object id
 * @param requests all of its requests
 * @param slow those of them that may run for long
 */
public record Holding(long role, int requests, int slow) {

    /** Counts requests by their roles. */
    public static Collection<Holding> byRole(Stream<QueuedRequest> requests) {
        Map<Long, Holding> byRole = new HashMap<>();
        requests.map(request -> new Holding(request.role(), 1, request.slow() ? 1 : 0))
                .forEach(one -> byRole.merge(one.role(), one, Holding::plus));
        return byRole.values();
    }

    private Holding plus(Holding other) {
        return new Holding(role, requests + other.requests, slow + other.slow);
    }
}
