package io.pgnetty.metrics;

import io.pgnetty.observe.Event;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.RetryPolicy;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Failures by host, where any role may name any number of hosts: exact for the last 10,000 that failed, and shown for the 50 that failed most of
 * late. A host that comes back among those goes on with the count that it has.
 */
final class HostFailures {

    static final int SHOWN = 50;
    static final int KNOWN = 10_000;

    /** What failed this long ago counts half. */
    private static final Duration HALF_LIFE = Duration.ofMinutes(10);

    /** For these the host is not to blame: its rules here, this machine and what the request asks for are. */
    private static final Set<FailureKind> NOT_THE_HOST = EnumSet.of(
            FailureKind.EGRESS_DENIED,
            FailureKind.SECRET_DENIED,
            FailureKind.UNASKED,
            FailureKind.UNSENT,
            FailureKind.LOCAL,
            FailureKind.INVALID);

    private final LongSupplier nanos;

    /** The one that failed last is the last. */
    private final LinkedHashMap<String, Failures> hosts = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > KNOWN;
        }
    };

    /** @param weight as of {@code at} */
    private record Failures(long count, double weight, long at) {

        double weightAt(long now) {
            return weight * Math.pow(0.5, (now - at) / (double) HALF_LIFE.toNanos());
        }
    }

    /** By the system's clock. */
    HostFailures() {
        this(System::nanoTime);
    }

    /** @param nanos the time */
    HostFailures(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void register(PrometheusRegistry registry) {
        CounterWithCallback.builder()
                .name("pgnetty_host_failures_total")
                .help("Attempts that failed, of the " + SHOWN + " hosts that failed most of late")
                .labelNames("host")
                .callback(metric -> busiest().forEach(host -> metric.call(host.getValue(), host.getKey())))
                .register(registry);
    }

    /** Counts an attempt that the host let fail. */
    void sent(Event.Sent sent) {
        if (isFailure(sent.outcome())) {
            failed(sent.request().host());
        }
    }

    private static boolean isFailure(Outcome outcome) {
        return outcome instanceof Outcome.Failed failed
                ? !NOT_THE_HOST.contains(failed.kind())
                : RetryPolicy.isRetried(outcome);
    }

    synchronized void failed(String host) {
        long now = nanos.getAsLong();
        Failures before = hosts.getOrDefault(host, new Failures(0, 0, now));
        hosts.put(host, new Failures(before.count + 1, before.weightAt(now) + 1, now));
    }

    /** Hosts and their counts, those that failed most of late. Weighed outside the lock, which event loops wait for. */
    List<Map.Entry<String, Long>> busiest() {
        long now = nanos.getAsLong();
        return all().stream()
                .map(host -> new Weighed(
                        host.getKey(), host.getValue().count, host.getValue().weightAt(now)))
                .sorted(Comparator.comparingDouble(Weighed::weight).reversed())
                .limit(SHOWN)
                .map(host -> Map.entry(host.name, host.count))
                .toList();
    }

    private record Weighed(String name, long count, double weight) {}

    private synchronized List<Map.Entry<String, Failures>> all() {
        return hosts.entrySet().stream()
                .map(host -> Map.entry(host.getKey(), host.getValue()))
                .toList();
    }
}
