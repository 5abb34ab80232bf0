package io.pgnetty.observe;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lines about a bridge's life: its start, its end, and what keeps it from its work. */
final class LifecycleLines {

    private static final Logger LOG = LoggerFactory.getLogger("pgnetty");
    private static final String UNREADABLE =
            "{}; they stay queued, and are claimed again in {} s. pgnetty install puts back changed functions";

    private LifecycleLines() {}

    static void addTo(Lines lines) {
        lines.on(Event.Starting.class, LifecycleLines::starting);
        lines.on(
                Event.Ready.class,
                e -> LOG.atInfo().addKeyValue("bridge", e.name()).log("ready: listening and claiming"));
        lines.on(
                Event.IdsAdvanced.class,
                e -> LOG.atWarn()
                        .log(
                                "the sequence of request ids had been set back, and goes on after {}: no id may have two answers",
                                e.id()));
        lines.on(Event.Outdated.class, e -> LOG.atError().log("stopping: {}", e.problem()));
        lines.on(
                Event.RestartRequested.class, e -> LOG.atInfo().log("reconnecting, as net.worker_restart() requested"));
        lines.on(
                Event.ClaimUnreadable.class,
                e -> LOG.atError()
                        .setCause(e.error())
                        .log(UNREADABLE, e.reason(), e.retryIn().toSeconds()));
        lines.on(
                Event.Broken.class,
                e -> LOG.atError().setCause(e.error()).log("a bug has ended the pipeline: restart this process"));
        lines.on(
                Event.Draining.class,
                e -> LOG.atInfo()
                        .addKeyValue("in_flight", e.inFlight())
                        .log(
                                "draining: no more claims; requests in flight have {} s to finish",
                                e.limit().toSeconds()));
        lines.on(Event.Stopped.class, LifecycleLines::stopped);
    }

    private static void starting(Event.Starting e) {
        LOG.atInfo()
                .addKeyValue("bridge", e.name())
                .log("pgnetty {} connects to {} with {}", e.version(), e.database(), e.settings());
    }

    private static void stopped(Event.Stopped stopped) {
        if (stopped.begun() > 0) {
            LOG.atWarn()
                    .addKeyValue("count", stopped.begun())
                    .log(
                            "the drain was too short (--drain-timeout): requests that may have reached their targets were given up");
        }
        lost(stopped.lost());
        LOG.atInfo()
                .addKeyValue("released", stopped.released())
                .log("stopped after {} ms", stopped.took().toMillis());
    }

    private static void lost(int count) {
        if (count > 0) {
            LOG.atWarn()
                    .addKeyValue("count", count)
                    .log(
                            "the database was away: results that were not written, or requests under way, are lost; these requests may be "
                                    + "sent again when their leases end");
        }
    }
}
