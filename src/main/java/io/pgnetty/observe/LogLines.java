package io.pgnetty.observe;

import io.pgnetty.request.Outcome;
import io.pgnetty.request.Verdict;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The line of each event in the log, decided for each kind by its name; {@code LogLinesTest} holds that none is forgotten. What is HTTP's has a
 * name that says so, as log processors have a host and a status of their own.
 */
final class LogLines {

    private static final Logger LOG = LoggerFactory.getLogger("pgnetty");
    private static final Lines LINES = new Lines();
    private static final int CLIENT_ERROR = 400;

    static {
        silent();
        requests();
        batches();
        connections();
        leadership();
        writes();
        hosts();
        LifecycleLines.addTo(LINES);
    }

    private LogLines() {}

    /** Logs an event. */
    static void of(Event event) {
        LINES.write(event);
    }

    /** Whether it is decided what becomes of this kind of event. */
    static boolean has(Class<?> kind) {
        return LINES.has(kind);
    }

    private static <E extends Event> void on(Class<E> kind, Consumer<E> line) {
        LINES.on(kind, line);
    }

    /** Too many, and in the metrics. */
    private static void silent() {
        on(Event.Sending.class, e -> {});
        on(Event.Claimed.class, e -> {});
        on(Event.WrittenBack.class, e -> {});
        on(Event.Notified.class, e -> {});
        on(Event.ConnectionRetried.class, e -> {});
        on(Event.Unsent.class, e -> about(LOG.atDebug(), e.subject()).log("goes back unsent: {}", e.reason()));
    }

    private static void requests() {
        on(Event.Sent.class, LogLines::sent);
        on(
                Event.Unexplained.class,
                e -> about(LOG.atWarn(), e.subject())
                        .setCause(e.error())
                        .log("sending failed for a reason that no rule explains"));
        on(
                Event.Parked.class,
                e -> about(LOG.atError(), e.subject())
                        .log("request parked in the queue, with the status failed: {}", e.reason()));
    }

    private static void batches() {
        on(Event.LeaseLost.class, LogLines::leaseLost);
        on(
                Event.Requeued.class,
                e -> LOG.atInfo()
                        .addKeyValue("count", e.count())
                        .log(
                                "requests given back to the queue: their leases ended, or the reply to their claim was lost"));
        on(
                Event.Expired.class,
                e -> LOG.atDebug().addKeyValue("count", e.count()).log("old rows deleted"));
    }

    private static void connections() {
        on(
                Event.CutOff.class,
                e -> LOG.atWarn()
                        .log(
                                "cut off: {}; trying again within {} ms",
                                e.reason(),
                                e.retryIn().toMillis()));
        on(
                Event.ListenLost.class,
                e -> LOG.atWarn()
                        .log(
                                "not listening: {}; trying again within {} ms",
                                e.reason(),
                                e.retryIn().toMillis()));
        on(
                Event.Shortage.class,
                e -> LOG.atWarn()
                        .log("{}; its request goes back to the queue unsent, and fewer are claimed", e.reason()));
        on(Event.ShortageOver.class, e -> LOG.atInfo().log("connections can be opened again: all slots are in use"));
        on(
                Event.Listening.class,
                e -> LOG.atDebug().addKeyValue("connections", e.connections()).log("listening"));
    }

    private static void leadership() {
        on(Event.Leadership.class, e -> LOG.atDebug().log(e.on() ? "leader" : "not the leader any more"));
        on(
                Event.IdleLockContested.class,
                e -> LOG.atWarn()
                        .log(
                                "advisory lock (1885826676, 1) is held by {}: senders notify with every commit until it is released",
                                e.holder()));
    }

    private static void writes() {
        on(
                Event.WriteBackFailed.class,
                e -> LOG.atWarn().addKeyValue("count", e.count()).log("write-back failed: {}", e.reason()));
        on(
                Event.WriteBackStopped.class,
                e -> LOG.atWarn().log("no more claims until results can be written: {}", e.reason()));
        on(Event.ChoreFailed.class, e -> LOG.atWarn().log("{} failed: {}", e.chore(), e.reason()));
        on(
                Event.CallbackFailed.class,
                e -> LOG.atWarn()
                        .addKeyValue("request_id", e.request())
                        .addKeyValue("function", e.function())
                        .log(
                                e.retryIn().isPresent()
                                        ? "on_response failed, and is called again: {}"
                                        : "on_response failed: {}",
                                e.reason()));
    }

    private static void hosts() {
        on(
                Event.CircuitBreakerOpened.class,
                e -> LOG.atWarn()
                        .addKeyValue("http_host", e.host())
                        .log(
                                "circuit breaker open: too many requests fail; one request goes out as a probe in {} ms",
                                e.pause().toMillis()));
        on(
                Event.CircuitBreakerClosed.class,
                e -> LOG.atInfo()
                        .addKeyValue("http_host", e.host())
                        .log("circuit breaker closed: a probe was answered"));
        on(
                Event.LeftToOthers.class,
                e -> about(LOG.atDebug(), e.subject()).log("left to other bridges: {}", e.reason()));
        on(Event.EgressRulesDiffer.class, LogLines::egressRulesDiffer);
        on(
                Event.EgressDenied.class,
                e -> LOG.atWarn()
                        .addKeyValue("http_host", e.host())
                        .addKeyValue("port", e.port())
                        .addKeyValue("address", e.address())
                        .log("connection refused by the egress rules"));
    }

    private static void egressRulesDiffer(Event.EgressRulesDiffer event) {
        if (event.others().isEmpty()) {
            LOG.info("all bridges have the same egress rules");
        } else {
            LOG.atWarn()
                    .log(
                            "other bridges have other egress rules, and what only they may send is left to them: {}",
                            String.join("; ", event.others()));
        }
    }

    private static LoggingEventBuilder about(LoggingEventBuilder line, Event.Subject subject) {
        return line.addKeyValue("request_id", subject.id()).addKeyValue("http_host", subject.host());
    }

    private static void leaseLost(Event.LeaseLost lost) {
        LOG.atWarn()
                .addKeyValue(
                        "request_ids",
                        lost.subjects().stream().map(Event.Subject::id).toList())
                .addKeyValue(
                        "http_hosts",
                        lost.subjects().stream()
                                .map(Event.Subject::host)
                                .distinct()
                                .toList())
                .log("lease lost: these requests were not sent, or their results were dropped");
    }

    private static void sent(Event.Sent sent) {
        boolean usual = sent.verdict() instanceof Verdict.Done
                && !(sent.outcome() instanceof Outcome.Responded answer && answer.status() >= CLIENT_ERROR);
        if (!LOG.isDebugEnabled() && usual) {
            return;
        }
        var line = usual ? LOG.atDebug() : LOG.atInfo();
        line = about(line, Event.Subject.of(sent.request()))
                .addKeyValue("http_method", sent.request().method())
                .addKeyValue("attempt", sent.request().attempt())
                .addKeyValue("duration_ms", sent.took().toMillis());
        if (sent.verdict() instanceof Verdict.Retry retry) {
            line = line.addKeyValue("retry_in_ms", retry.after().toMillis());
        }
        if (sent.outcome() instanceof Outcome.Failed failed) {
            line.addKeyValue("failure", failed.kind().label()).log("request failed: {}", failed.message());
        } else if (sent.outcome() instanceof Outcome.Responded responded) {
            line.addKeyValue("http_status", responded.status()).log("request answered");
        }
    }
}
