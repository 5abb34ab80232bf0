package io.pgnetty.web;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** Reads that are alike within a second are one, however many pages ask: its result, or its failure, is everybody's. */
final class SharedReads {

    private static final Duration FRESH = Duration.ofSeconds(1);
    private static final int KEPT = 64;

    private final Map<String, Mono<String>> recent = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Mono<String>> eldest) {
            return size() > KEPT;
        }
    };

    /** The result of that name, read when there is none of the last second. */
    synchronized Mono<String> read(String name, Supplier<Mono<String>> read) {
        return recent.computeIfAbsent(name, key -> Mono.defer(read).cache(FRESH));
    }

    /** Something was changed: what was read before is not shown any more. */
    synchronized void forget() {
        recent.clear();
    }
}
