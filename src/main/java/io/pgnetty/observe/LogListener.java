package io.pgnetty.observe;

import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Verdict;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to the log: one line each, with key-value pairs, a request's id in each line that concerns one. No body, no
 * header value, no URL beyond its host.
 */
public final class LogListener implements Events {

    private static final Logger LOG = LoggerFactory.getLogger("pgnetty");
    private static final Duration REMINDER = Duration.ofSeconds(30);

    private final Map<String, Long> lastSaid = new ConcurrentHashMap<>();

    /** Whoever may queue can cause these as often as wanted. */
    private final Flood refusals = new Flood(count -> LOG.atWarn()
            .addKeyValue("count", count)
            .log("more connections were refused by the egress rules in the last minute; their requests say which"));

    private final Flood refusedRequests = new Flood(count -> LOG.atInfo()
            .addKeyValue("count", count)
            .log("more requests failed by the egress rules in the last minute; net._http_response has them"));

    @Override
    public void emit(Event event) {
        if (isRepeated(event)
                || (event instanceof Event.EgressDenied && !refusals.pass())
                || (isRefused(event) && !refusedRequests.pass())) {
            return;
        }
        if (event instanceof Event.Sending || event instanceof Event.Claimed || event instanceof Event.WrittenBack) {
            return;
        }
        if (event instanceof Event.Sent sent) {
            sent(sent);
        } else if (event instanceof Event.Unexplained unexplained) {
            LOG.atWarn()
                    .addKeyValue("request_id", unexplained.id())
                    .setCause(unexplained.error())
                    .log("sending failed for a reason that no rule explains");
        } else if (event instanceof Event.Broken broken) {
            LOG.atError().setCause(broken.error()).log("a bug has ended the pipeline: this process must be replaced");
        } else {
            trouble(event);
        }
    }

    private static boolean isRefused(Event event) {
        return event instanceof Event.Sent sent
                && sent.outcome() instanceof Outcome.Failed failed
                && failed.kind() == FailureKind.EGRESS_DENIED;
    }

    /** While a database is away the same is said every second: once in a while is enough for the log. */
    private boolean isRepeated(Event event) {
        if (event instanceof Event.Ready) {
            lastSaid.clear();
            return false;
        }
        String what = event instanceof Event.ChoreFailed chore
                ? chore.chore()
                : event instanceof Event.CutOff
                                || event instanceof Event.ListenLost
                                || event instanceof Event.WriteBackFailed
                        ? event.getClass().getSimpleName()
                        : "";
        if (what.isEmpty()) {
            return false;
        }
        long now = System.nanoTime();
        Long last = lastSaid.get(what);
        if (last != null && now - last < REMINDER.toNanos()) {
            return true;
        }
        lastSaid.put(what, now);
        return false;
    }

    private static void sent(Event.Sent sent) {
        boolean done = sent.verdict() instanceof Verdict.Done;
        if (!LOG.isDebugEnabled() && done) {
            return;
        }
        var line = done ? LOG.atDebug() : LOG.atInfo();
        line = line.addKeyValue("request_id", sent.request().id())
                .addKeyValue("attempt", sent.request().attempt())
                .addKeyValue("duration_ms", sent.took().toMillis());
        if (sent.verdict() instanceof Verdict.Retry retry) {
            line = line.addKeyValue("retry_in_ms", retry.after().toMillis());
        }
        if (sent.outcome() instanceof Outcome.Failed failed) {
            line.addKeyValue("failure", failed.kind().label()).log("request failed: {}", failed.message());
        } else if (sent.outcome() instanceof Outcome.Responded responded) {
            line.addKeyValue("status", responded.status()).log("request answered");
        }
    }

    private static void trouble(Event event) {
        if (event instanceof Event.Starting e) {
            LOG.atInfo().addKeyValue("bridge", e.name()).log("connecting to {}", e.database());
        } else if (event instanceof Event.Ready e) {
            LOG.atInfo().addKeyValue("bridge", e.name()).log("ready: listening and claiming");
        } else if (event instanceof Event.CutOff e) {
            LOG.atWarn()
                    .log(
                            "cut off: {}; trying again within {} ms",
                            e.reason(),
                            e.retryIn().toMillis());
        } else if (event instanceof Event.ListenLost e) {
            LOG.atWarn()
                    .log(
                            "not listening: {}; trying again within {} ms",
                            e.reason(),
                            e.retryIn().toMillis());
        } else if (event instanceof Event.Listening e) {
            LOG.atDebug().addKeyValue("connections", e.connections()).log("listening");
        } else if (event instanceof Event.Leadership e) {
            LOG.atDebug().log(e.on() ? "leader" : "not the leader any more");
        } else if (event instanceof Event.IdleLockContested e) {
            LOG.atWarn()
                    .log(
                            "advisory lock (1885826676, 1) is held by {}: senders notify with every commit until it is released",
                            e.holder());
        } else if (event instanceof Event.CircuitBreakerOpened e) {
            LOG.atWarn()
                    .addKeyValue("host", e.host())
                    .log(
                            "circuit breaker open: too many requests fail; one request goes out as a probe in {} ms",
                            e.pause().toMillis());
        } else if (event instanceof Event.CircuitBreakerClosed e) {
            LOG.atInfo().addKeyValue("host", e.host()).log("circuit breaker closed: a probe was answered");
        } else if (event instanceof Event.EgressDenied e) {
            LOG.atWarn()
                    .addKeyValue("host", e.host())
                    .addKeyValue("port", e.port())
                    .addKeyValue("address", e.address())
                    .log("connection refused by the egress rules");
        } else if (event instanceof Event.WriteBackFailed e) {
            LOG.atWarn().addKeyValue("count", e.count()).log("write-back failed: {}", e.reason());
        } else if (event instanceof Event.Parked e) {
            LOG.atError().addKeyValue("request_id", e.id()).log("kept in the queue: {}", e.reason());
        } else if (event instanceof Event.LeaseLost e) {
            LOG.atWarn().addKeyValue("request_ids", e.ids()).log("lease lost: not sent, or result dropped");
        } else if (event instanceof Event.WriteBackStopped e) {
            LOG.atWarn().log("no more claims until results can be written: {}", e.reason());
        } else if (event instanceof Event.Requeued e) {
            LOG.atInfo()
                    .addKeyValue("count", e.count())
                    .log("due again: requests whose bridge let their lease run out, or whose claim was lost");
        } else if (event instanceof Event.Expired e) {
            LOG.atDebug().addKeyValue("count", e.count()).log("old responses deleted");
        } else if (event instanceof Event.Outdated e) {
            LOG.atError().log("stopping: {}", e.problem());
        } else if (event instanceof Event.RestartRequested) {
            LOG.atInfo().log("reconnecting, as net.worker_restart() requested");
        } else if (event instanceof Event.ChoreFailed e) {
            LOG.atWarn().log("{} failed: {}", e.chore(), e.reason());
        } else if (event instanceof Event.Draining e) {
            LOG.atInfo()
                    .addKeyValue("in_flight", e.inFlight())
                    .log(
                            "draining: no more claims, {} s for what is in flight",
                            e.limit().toSeconds());
        } else if (event instanceof Event.Stopped e) {
            if (e.begun() > 0) {
                LOG.atWarn()
                        .addKeyValue("count", e.begun())
                        .log("the drain was too short: requests were given up that may have reached their targets");
            }
            LOG.atInfo()
                    .addKeyValue("released", e.released())
                    .log("stopped after {} ms", e.took().toMillis());
        }
    }
}
