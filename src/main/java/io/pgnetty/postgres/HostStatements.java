package io.pgnetty.postgres;

import static io.pgnetty.postgres.Rows.interval;
import static io.pgnetty.postgres.Rows.present;
import static io.pgnetty.postgres.Rows.seconds;

import io.pgnetty.request.CircuitBreakerRule;
import io.pgnetty.request.HostRules;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/** What holds for a host over all bridges: its circuit breaker, and whether a redirect may lead to it. */
public final class HostStatements {

    private final Database database;

    /** Runs them there. */
    public HostStatements(Database database) {
        this.database = database;
    }

    /**
     * Opens the circuit breaker of a host, for all bridges.
     *
     * @param pause until a probe goes out, the first time
     * @param probe whether a probe has failed, so that it was half open; otherwise it opens only if it was closed
     * @return until when, from now; empty when it was as wanted already
     */
    public Mono<Duration> openBreaker(String host, Duration pause, boolean probe) {
        return database.list(
                        "open_circuit_breaker",
                        statement ->
                                statement.bind(0, host).bind(1, interval(pause)).bind(2, probe),
                        row -> seconds(present(row, "seconds", Double.class)))
                .flatMap(rows -> Mono.justOrEmpty(rows.stream().findFirst()));
    }

    /** Closes the circuit breaker of a host, for all bridges, and notifies them; false if it was closed already. */
    public Mono<Boolean> closeBreaker(String host) {
        return database.list(
                        "close_circuit_breaker",
                        statement -> statement.bind(0, host),
                        row -> present(row, "host", String.class))
                .map(rows -> !rows.isEmpty());
    }

    /** What rules say about the circuit breakers of hosts. */
    public Mono<HostRules> rules() {
        return database.list(
                        "host_rules",
                        statement -> {},
                        row -> Map.entry(
                                present(row, "host_pattern", String.class),
                                new CircuitBreakerRule(
                                        present(row, "break_failure_rate", Double.class),
                                        present(row, "break_min_requests", Integer.class),
                                        seconds(present(row, "break_seconds", Double.class)))))
                .map(rows ->
                        new HostRules(rows.stream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue))));
    }

    /**
     * Whether an attempt may go on to another host.
     *
     * @param problem why it may not
     * @param askAgainIn when to ask again; empty where it goes, or may not
     */
    public record HopAnswer(Optional<String> problem, Optional<Duration> askAgainIn) {}

    /** Asks whether an attempt may go on to the host that a redirect leads to; where it may, it takes a slot of that host. */
    public Mono<HopAnswer> hop(Attempt attempt, String host) {
        return database.list(
                        "hop",
                        statement -> statement
                                .bind(0, attempt.id())
                                .bind(1, attempt.lease())
                                .bind(2, host),
                        row -> new HopAnswer(
                                Optional.ofNullable(row.get("problem", String.class)),
                                Optional.ofNullable(row.get("wait_seconds", Double.class))
                                        .map(Rows::seconds)))
                .map(rows -> rows.get(0));
    }
}
