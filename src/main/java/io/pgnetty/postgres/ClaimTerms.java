package io.pgnetty.postgres;

import java.util.Collection;
import java.util.List;

/**
 * What a claim asks for.
 *
 * @param requests how many at most, from 1 on
 * @param bytes of their bodies at most, beyond the first one's
 * @param hosts how many are looked at, at most; paused ones count
 * @param slots how many requests this bridge may have in flight
 * @param turns whose turn it is
 * @param held what this bridge holds
 * @param excluded hosts of which nothing is claimed
 */
public record ClaimTerms(
        int requests,
        long bytes,
        int hosts,
        int slots,
        Turns turns,
        Collection<Holding> held,
        Collection<String> excluded) {

    /** Of a bridge that holds nothing, and has as many slots as it asks for. */
    public static ClaimTerms first(int requests, long bytes, int hosts) {
        return new ClaimTerms(requests, bytes, hosts, requests, Turns.FIRST, List.of(), List.of());
    }
}
