package io.pgnetty.postgres;

import java.util.Optional;

/**
 * A function of {@code on_response} to be called.
 *
 * @param number of this callback
 * @param request the id that it takes
 * @param role who queued that, by its object id
 * @param attempt the first is 1
 * @param function as the request names it
 * @param call the statement that calls it; empty where there is no such function any more
 * @param isAllowed whether who queued may execute it, now
 */
public record DueCallback(
        long number, long request, long role, int attempt, String function, Optional<String> call, boolean isAllowed) {}
