package io.pgnetty.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.pgnetty.bridge.Bridge;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.request.Methods;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Verdict;
import io.prometheus.metrics.core.metrics.Info;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;

/** The metrics, fed by events. No label takes a value from outside: methods and outcomes are closed sets. */
public final class Meters implements Events {

    private static final Duration[] LATENCIES =
            millis(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000);
    private static final double[] SIZES = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Timer queueWait = timer("pgnetty.queue.wait", "From a request's insert to its send");
    private final Timer requestDuration = timer("pgnetty.request.duration", "From a request's send to its outcome");
    private final Timer claimDuration = timer("pgnetty.claim.duration", "One claim, as the bridge sees it");
    private final DistributionSummary claimBatch = sizes("pgnetty.claim.batch.size", "Requests per claim");
    private final Timer completeDuration = timer("pgnetty.complete.duration", "One write-back, as the bridge sees it");
    private final DistributionSummary completeBatch = sizes("pgnetty.complete.batch.size", "Results per write-back");
    private final Counter notifications =
            counter("pgnetty.notifications", "Notifications received; several of one transaction count once");
    private final Counter reconnects = counter("pgnetty.listen.reconnects", "Times that LISTEN was lost");
    private final Counter retries = counter("pgnetty.retries", "Attempts whose request is sent again");
    private final Counter connectionRetries = counter(
            "pgnetty.connection.retries",
            "Requests sent once more within their attempt, as their connection had ended before them");
    private final Counter leftToOthers = counter(
            "pgnetty.left.to.others", "Requests given back unsent, as only other bridges' egress rules may allow them");
    private final Counter unsent = counter(
            "pgnetty.unsent", "Requests given back unsent, as this machine had nothing left for their connection");
    private final Counter leasesLost =
            counter("pgnetty.leases.lost", "Requests not sent, or whose result was dropped, as their lease was over");
    private final Counter writeBackFailures =
            counter("pgnetty.complete.failures", "Write-backs that failed and are retried");
    private final Counter circuitBreakersOpened =
            counter("pgnetty.circuit.breaker.opened", "Times that this bridge opened the circuit breaker of a host");
    private final Counter egressDenied = counter("pgnetty.egress.denied", "Connections that the egress rules refused");

    private final Counter adminDenied =
            counter("pgnetty.admin.denied", "Requests to --admin with a token that is not the right one");

    /** @param version this program's */
    public Meters(String version) {
        Info info = Info.builder()
                .name("pgnetty_build_info")
                .help("This bridge's version")
                .labelNames("version", "java")
                .register(registry.getPrometheusRegistry());
        info.setLabelValues(version, System.getProperty("java.version", "unknown"));
    }

    /** Somebody has shown a wrong token. */
    void adminDenied() {
        adminDenied.increment();
    }

    /** Adds what is read from the bridge when it is asked for. */
    public void watch(Bridge bridge) {
        gauge("pgnetty.in.flight", "Requests claimed and not yet answered", bridge::inFlight);
        gauge("pgnetty.unrecorded", "Outcomes that are not yet in the database", bridge::unrecorded);
        watchQueue(bridge);
        watchState(bridge);
    }

    private void watchQueue(Bridge bridge) {
        gauge(
                "pgnetty.queue.depth",
                "Requests that are due and not in flight; 1000000 means that many or more",
                () -> bridge.depth().depth());
        gauge(
                "pgnetty.dead.letters",
                "Requests in net.dead_letter; 1000000 means that many or more",
                () -> bridge.depth().deadLetters());
        gauge(
                "pgnetty.queue.oldest.due.seconds",
                "Age of the oldest request that is due",
                () -> bridge.depth().oldestSeconds());
    }

    private void watchState(Bridge bridge) {
        gauge(
                "pgnetty.circuit.breakers.open",
                "Hosts whose circuit breaker is open, or lets probes through",
                bridge::openCircuitBreakers);
        gauge(
                "pgnetty.polling",
                "1 while this bridge polls, so that senders need not notify",
                () -> bridge.isPolling() ? 1 : 0);
        gauge(
                "pgnetty.idle.lock.contested",
                "1 while a session that is not a bridge's holds the idle lock, so that every commit notifies",
                () -> bridge.isIdleLockContested() ? 1 : 0);
    }

    /** Shows how many events a listener has lost, as it was too slow or failed. */
    public void watchDrops(Supplier<Number> dropped) {
        FunctionCounter.builder(
                        "pgnetty.events.dropped",
                        dropped,
                        supplier -> supplier.get().doubleValue())
                .description("Events that a listener, such as the log, has lost, as it was too slow or failed")
                .register(registry);
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
        if (event instanceof Event.Sending e) {
            queueWait.record(e.waited());
        } else if (event instanceof Event.Sent e) {
            sent(e);
        } else if (event instanceof Event.Claimed e) {
            claimDuration.record(e.took());
            claimBatch.record(e.count());
        } else if (event instanceof Event.WrittenBack e) {
            completeDuration.record(e.took());
            completeBatch.record(e.count());
        } else {
            count(event);
        }
    }

    private void sent(Event.Sent sent) {
        requestDuration.record(sent.took());
        requests(sent.request().method(), outcome(sent.outcome())).increment();
        if (sent.verdict() instanceof Verdict.Retry) {
            retries.increment();
        }
    }

    private void count(Event event) {
        if (event instanceof Event.LeaseLost e) {
            leasesLost.increment(e.subjects().size());
        } else if (event instanceof Event.WriteBackFailed) {
            writeBackFailures.increment();
        } else if (event instanceof Event.Notified) {
            notifications.increment();
        } else if (event instanceof Event.CircuitBreakerOpened) {
            circuitBreakersOpened.increment();
        } else if (event instanceof Event.Unsent) {
            unsent.increment();
        } else if (event instanceof Event.LeftToOthers) {
            leftToOthers.increment();
        } else if (event instanceof Event.ConnectionRetried) {
            connectionRetries.increment();
        } else if (event instanceof Event.ListenLost) {
            reconnects.increment();
        } else if (event instanceof Event.EgressDenied) {
            egressDenied.increment();
        }
    }

    private Counter requests(String method, String outcome) {
        return Counter.builder("pgnetty.requests")
                .description("Requests sent, by method and outcome")
                .tag("method", Methods.registeredOr(method, "OTHER"))
                .tag("outcome", outcome)
                .register(registry);
    }

    private static String outcome(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return failed.kind().label();
        }
        int hundreds = ((Outcome.Responded) outcome).status() / 100;
        return hundreds >= 1 && hundreds <= 5 ? hundreds + "xx" : "other";
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
    }

    private DistributionSummary sizes(String name, String description) {
        return DistributionSummary.builder(name)
                .description(description)
                .serviceLevelObjectives(SIZES)
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private static Duration[] millis(long... millis) {
        return Arrays.stream(millis).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }
}
