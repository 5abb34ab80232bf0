package io.pgnetty.bridge;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.HostStatements;
import io.pgnetty.request.CircuitBreakerRule;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.HostRules;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Watches the outcomes of each host, and opens its circuit breaker in the database, for all bridges, when too many requests fail:
 * then claims leave the host's requests in the table. After a pause one request goes out as a probe; its outcome closes the circuit
 * breaker, or opens it for longer. While requests succeed nothing is written.
 */
final class CircuitBreakers {

    /** Hosts that are watched at most; the least recently used ones are forgotten first. */
    private static final int MAX_HOSTS = 10_000;

    /** A time-out shorter than this says nothing about the host: otherwise any role could open the circuit breaker of any host. */
    private static final Duration SHORT_TIMEOUT = Duration.ofSeconds(1);

    /** After this time without an outcome the earlier ones are forgotten, in nanoseconds. */
    private static final long SILENCE = 60_000_000_000L;

    /** The host itself, or what stands before it, cannot be reached or does not answer. */
    private static final Set<FailureKind> FAILURES =
            Set.of(FailureKind.TIMEOUT, FailureKind.DNS, FailureKind.CONNECT, FailureKind.TLS, FailureKind.CLOSED);

    /** What stands before the host cannot reach it, or it is out of service. */
    private static final Set<Integer> UNAVAILABLE = Set.of(502, 503, 504);

    /** Such an answer is still an answer, and may be retried: it counts as a failure after this time without any other answer. */
    private static final long UNAVAILABLE_FOR = 5_000_000_000L;

    private final HostStatements hosts;
    private final Events events;
    private final BackgroundTasks writes = new BackgroundTasks();
    private volatile HostRules rules = HostRules.NONE;

    /** Guarded by its own monitor. */
    private final Map<String, Window> windows = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Window> eldest) {
            return size() > MAX_HOSTS;
        }
    };

    CircuitBreakers(HostStatements hosts, Events events) {
        this.hosts = hosts;
        this.events = events;
    }

    /** What one outcome says about the host. */
    private enum HostSign {
        WELL,
        /** Nothing to be learned: a sender's own, short timeout, or no connection left to ask with. */
        UNKNOWN,
        UNAVAILABLE,
        UNANSWERED
    }

    /** The last outcomes of a host: which of them failed. */
    private static final class Window {
        private final BitSet failed = new BitSet();
        private int next;
        private int count;
        private long last = System.nanoTime();
        private long lastGood = last;

        /** Adds an outcome; returns whether as many of the last ones have failed as the rule says. */
        boolean opens(HostSign sign, CircuitBreakerRule rule) {
            long now = System.nanoTime();
            lastGood = sign == HostSign.WELL ? now : lastGood;
            boolean failure = sign == HostSign.UNANSWERED || now - lastGood > UNAVAILABLE_FOR;
            if (now - last > SILENCE || next >= rule.minRequests()) {
                count = now - last > SILENCE ? 0 : Math.min(count, rule.minRequests());
                next = 0;
            }
            last = now;
            failed.set(next++, failure);
            count = Math.min(count + 1, rule.minRequests());
            return failure
                    && count >= rule.minRequests()
                    && failed.get(0, rule.minRequests()).cardinality() >= rule.failureRate() * rule.minRequests();
        }
    }

    /** What rules say, from now on. */
    void rules(HostRules changed) {
        rules = changed;
    }

    /** An attempt has ended. */
    void ended(QueuedRequest request, Outcome outcome) {
        String host = request.host();
        HostSign sign = sign(request, outcome);
        if (sign == HostSign.UNKNOWN) {
            return;
        }
        if (request.probe() && sign == HostSign.WELL) {
            write(host, close(request));
        } else if (request.probe()) {
            rules.breaker(host).ifPresent(rule -> write(host, open(request, rule)));
        } else if (sign != HostSign.WELL || isWatched(host)) {
            rules.breaker(host)
                    .filter(rule -> opens(host, sign, rule))
                    .ifPresent(rule -> write(host, open(request, rule)));
        }
    }

    private boolean isWatched(String host) {
        synchronized (windows) {
            return windows.containsKey(host);
        }
    }

    /** Gives up what is being written; a probe that is not heard of is followed by another. */
    void close() {
        writes.close();
    }

    private static HostSign sign(QueuedRequest request, Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            boolean impatient =
                    failed.kind() == FailureKind.TIMEOUT && request.timeout().compareTo(SHORT_TIMEOUT) < 0;
            if (impatient || failed.kind() == FailureKind.LOCAL) {
                return HostSign.UNKNOWN;
            }
            return FAILURES.contains(failed.kind()) ? HostSign.UNANSWERED : HostSign.WELL;
        }
        return UNAVAILABLE.contains(((Outcome.Responded) outcome).status()) ? HostSign.UNAVAILABLE : HostSign.WELL;
    }

    private boolean opens(String host, HostSign sign, CircuitBreakerRule rule) {
        synchronized (windows) {
            Window window = windows.get(host);
            // Hosts that never fail need none.
            if (window == null) {
                window = new Window();
                windows.put(host, window);
            }
            boolean opens = window.opens(sign, rule);
            if (opens) {
                windows.remove(host);
            }
            return opens;
        }
    }

    private Mono<Void> open(QueuedRequest request, CircuitBreakerRule rule) {
        return hosts.openBreaker(request.host(), rule.pause(), request.probe())
                .doOnNext(pause -> events.emit(new Event.CircuitBreakerOpened(request.host(), pause)))
                .then();
    }

    private Mono<Void> close(QueuedRequest request) {
        return hosts.closeBreaker(request.host())
                .filter(closed -> closed)
                .doOnNext(closed -> events.emit(new Event.CircuitBreakerClosed(request.host())))
                .then();
    }

    private void write(String host, Mono<Void> change) {
        writes.start(change.onErrorResume(error -> {
            events.emit(new Event.ChoreFailed("circuit breaker of " + host, DatabaseFailure.reason(error)));
            return Mono.empty();
        }));
    }
}
