package io.pgnetty.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.pgnetty.bridge.Bridge;
import io.pgnetty.bridge.Health;
import io.pgnetty.config.Config;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All metrics, as Prometheus reads them. No label takes unbounded values: methods and outcomes are closed sets, and hosts are the busiest
 * up to a cap. A scrape asks nothing of the database.
 */
public final class Meters implements Events, AutoCloseable {

    private final PrometheusMeterRegistry registry;
    private final Instruments instruments;
    private final RequestMeters requests;
    private final EventCounters counters;
    private final HostFailures hosts = new HostFailures();
    private final JvmMeters jvm;

    /**
     * Begins to count.
     *
     * @param version this program's
     * @param exemplars says which trace a value is of; null where there are no traces
     */
    public Meters(String version, @Nullable SpanContext exemplars) {
        registry = new PrometheusMeterRegistry(
                PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM, exemplars);
        JvmMeters.leaveOut(registry);
        instruments = new Instruments(registry);
        requests = new RequestMeters(instruments);
        counters = new EventCounters(instruments);
        jvm = new JvmMeters(registry);
        Info.builder()
                .name("pgnetty_build_info")
                .help("This bridge's version")
                .labelNames("version", "java")
                .register(registry.getPrometheusRegistry())
                .setLabelValues(version, System.getProperty("java.version", "unknown"));
        hosts.register(registry.getPrometheusRegistry());
    }

    /** Adds what is known before the bridge is there: its limits, and whether it is ready. */
    public void watch(Config config, Health health) {
        StateGauges.watch(instruments, config, health);
    }

    /** Adds what is read from the bridge when it is asked for. */
    public void watch(Bridge bridge) {
        StateGauges.watch(instruments, bridge);
    }

    /** Shows how many events a listener has lost, as it was too slow or failed. */
    public void watchDrops(Supplier<Number> dropped) {
        instruments.counter(
                "pgnetty.events.dropped",
                "Events that a listener, such as the log, has lost, as it was too slow or failed",
                dropped);
    }

    /** Somebody has shown a wrong token. */
    public void adminDenied() {
        counters.adminDenied();
    }

    /**
     * The text for a scraper.
     *
     * @param contentType Prometheus text or OpenMetrics
     */
    public String scrape(String contentType) {
        return registry.scrape(contentType);
    }

    @Override
    public void emit(Event event) {
        if (event instanceof Event.Sent sent) {
            requests.sent(sent);
            hosts.sent(sent);
        } else if (event instanceof Event.Sending sending) {
            requests.sending(sending);
        } else {
            counters.count(event);
        }
    }

    /** Stops to watch the JVM. */
    @Override
    public void close() {
        jvm.close();
        registry.close();
    }
}
