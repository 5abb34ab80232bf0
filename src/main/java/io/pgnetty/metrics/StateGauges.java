package io.pgnetty.metrics;

import io.pgnetty.bridge.Bridge;
import io.pgnetty.bridge.Health;
import io.pgnetty.config.Config;
import io.pgnetty.request.QueueDepth;
import java.time.Duration;
import java.util.function.Function;

/** What a bridge is asked at each scrape. What it has read from the database is NaN while that cannot be read: 0 would say that all is well. */
final class StateGauges {

    private StateGauges() {}

    static void watch(Instruments instruments, Config config, Health health) {
        instruments.gauge(
                "pgnetty.concurrency.limit",
                "Requests in flight at most: --concurrency",
                () -> config.delivery().concurrency());
        instruments.gauge(
                "pgnetty.queue.limit",
                "Requests in the queue at most: --max-queued",
                () -> config.database().maxQueued());
        instruments.flag(
                "pgnetty.ready",
                "1 while this bridge listens and claims, as /readyz says",
                () -> health.whyNotReady().isEmpty());
        instruments.flag("pgnetty.listening", "1 while this bridge's connection for LISTEN works", health::isListening);
        instruments.flag(
                "pgnetty.write.back.stopped",
                "1 while nothing is claimed, as results cannot be written to the database",
                health::isWriteBackStopped);
    }

    static void watch(Instruments instruments, Bridge bridge) {
        instruments.gauge("pgnetty.in.flight", "Requests claimed and not yet answered", bridge::inFlight);
        instruments.gauge("pgnetty.unrecorded", "Outcomes that are not yet in the database", bridge::unrecorded);
        instruments.flag(
                "pgnetty.polling", "1 while this bridge polls, so that senders need not notify", bridge::isPolling);
        instruments.flag(
                "pgnetty.idle.lock.contested",
                "1 while a session that is not a bridge's holds the idle lock, so that every commit notifies",
                bridge::isIdleLockContested);
        watchDatabase(instruments, bridge);
    }

    private static void watchDatabase(Instruments instruments, Bridge bridge) {
        counted(
                instruments,
                bridge,
                "pgnetty.queue.depth",
                "Requests that are due and not in flight; 1000000 means that many or more",
                QueueDepth::depth);
        counted(
                instruments,
                bridge,
                "pgnetty.queue.oldest.due.seconds",
                "Age of the oldest request that is due",
                QueueDepth::oldestSeconds);
        counted(
                instruments,
                bridge,
                "pgnetty.dead.letters",
                "Requests in net.dead_letter; 1000000 means that many or more",
                QueueDepth::deadLetters);
        counted(instruments, bridge, "pgnetty.paused", "Host patterns that are paused", QueueDepth::paused);
        counted(instruments, bridge, "pgnetty.bridges", "Bridges seen within 15 s", QueueDepth::bridges);
        instruments.gauge(
                "pgnetty.queued",
                "Requests in the queue, in whatever state: what --max-queued bounds",
                () -> bridge.queued().<Number>map(queued -> queued).orElse(Double.NaN));
        instruments.gauge(
                "pgnetty.depth.age.seconds",
                "Age of the counts, or time since the start where there are none yet",
                () -> seconds(bridge.depthAge()));
        instruments.gauge(
                "pgnetty.circuit.breakers.open",
                "Hosts whose circuit breaker is open, or lets probes through",
                () -> bridge.openCircuitBreakers().<Number>map(open -> open).orElse(Double.NaN));
    }

    private static void counted(
            Instruments instruments,
            Bridge bridge,
            String name,
            String description,
            Function<QueueDepth, Number> value) {
        instruments.gauge(name, description, () -> bridge.depth().map(value).orElse(Double.NaN));
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
