package io.pgnetty.request;

import java.time.Duration;

/**
 * When the circuit breaker of a host opens, as {@code net.host_rule} has it.
 *
 * @param failureRate the share of failures at which it does, above 0; infinite for never
 * @param minRequests among how many requests at the end, from 1 on
 * @param pause until a request goes out as a probe
 */
public record CircuitBreakerRule(double failureRate, int minRequests, Duration pause) {}
