package io.pgnetty.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import io.pgnetty.observe.Event;
import java.util.Map;

/** Claims, write-backs, and what happens now and then. */
final class EventCounters {

    private final Timer claimDuration;
    private final DistributionSummary claimBatch;
    private final Timer completeDuration;
    private final DistributionSummary completeBatch;
    private final Counter leasesLost;
    private final Counter adminDenied;

    /** Events that count as one each. */
    private final Map<Class<? extends Event>, Counter> ones;

    EventCounters(Instruments instruments) {
        claimDuration = instruments.timer("pgnetty.claim.duration", "One claim, as the bridge sees it");
        claimBatch = instruments.sizes("pgnetty.claim.batch.size", "Requests per claim");
        completeDuration = instruments.timer("pgnetty.complete.duration", "One write-back, as the bridge sees it");
        completeBatch = instruments.sizes("pgnetty.complete.batch.size", "Results per write-back");
        leasesLost = instruments.counter(
                "pgnetty.leases.lost", "Requests not sent, or whose result was dropped, as their lease was over");
        adminDenied = instruments.counter(
                "pgnetty.admin.denied", "Requests to --admin with a token that is not the right one");
        ones = ones(instruments);
    }

    private static Map<Class<? extends Event>, Counter> ones(Instruments instruments) {
        return Map.of(
                Event.Notified.class,
                instruments.counter(
                        "pgnetty.notifications", "Notifications received; several of one transaction count once"),
                Event.ListenLost.class,
                instruments.counter("pgnetty.listen.reconnects", "Times that LISTEN was lost"),
                Event.WriteBackFailed.class,
                instruments.counter("pgnetty.complete.failures", "Write-backs that failed and are retried"),
                Event.CircuitBreakerOpened.class,
                instruments.counter(
                        "pgnetty.circuit.breaker.opened",
                        "Times that this bridge opened the circuit breaker of a host"),
                Event.EgressDenied.class,
                instruments.counter("pgnetty.egress.denied", "Connections that the egress rules refused"),
                Event.Unsent.class,
                instruments.counter(
                        "pgnetty.unsent",
                        "Requests given back unsent, as this machine had nothing left for their connection"),
                Event.LeftToOthers.class,
                instruments.counter(
                        "pgnetty.left.to.others",
                        "Requests given back unsent, as only other bridges' egress rules may allow them"),
                Event.ConnectionRetried.class,
                instruments.counter(
                        "pgnetty.connection.retries",
                        "Requests sent once more within their attempt, as their connection had ended before them"));
    }

    void adminDenied() {
        adminDenied.increment();
    }

    void count(Event event) {
        if (event instanceof Event.Claimed e) {
            claimDuration.record(e.took());
            claimBatch.record(e.count());
        } else if (event instanceof Event.WrittenBack e) {
            completeDuration.record(e.took());
            completeBatch.record(e.count());
        } else if (event instanceof Event.LeaseLost e) {
            leasesLost.increment(e.subjects().size());
        } else {
            Counter one = ones.get(event.getClass());
            if (one != null) {
                one.increment();
            }
        }
    }
}
