package io.pgnetty.observe;

import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
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
    private final Flood refusals = new Flood(
            count -> LOG.atWarn()
                    .addKeyValue("count", count)
                    .log(
                            "more connections were refused by the egress rules in the last minute; see error_msg of their requests"));

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
        LogLines.of(event);
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
}
