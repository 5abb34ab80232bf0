package io.pgnetty.request;

import java.util.Map;
import java.util.Optional;

/** The rules of hosts that bridges know, each by its pattern: when a circuit breaker opens. */
public final class HostRules {

    /** Before they were read: no circuit breaker opens. */
    public static final HostRules NONE = new HostRules(Map.of());

    private final Map<String, CircuitBreakerRule> circuitBreakers;

    /** @param circuitBreakers by pattern, each whole, as {@code net.effective_host_rule} has them */
    public HostRules(Map<String, CircuitBreakerRule> circuitBreakers) {
        this.circuitBreakers = Map.copyOf(circuitBreakers);
    }

    /** The rule of the narrowest pattern that names a host; empty only before the rules were read. */
    public Optional<CircuitBreakerRule> breaker(String host) {
        if (circuitBreakers.size() == 1) {
            return Optional.ofNullable(circuitBreakers.get("*"));
        }
        return HostPatterns.of(host).stream()
                .filter(circuitBreakers::containsKey)
                .findFirst()
                .map(circuitBreakers::get);
    }
}
