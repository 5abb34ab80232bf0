package io.pgnetty.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.pgnetty.observe.Event;
import io.pgnetty.request.Methods;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Verdict;

/** What became of requests, and how long that took. */
final class RequestMeters {

    private final Instruments instruments;
    private final Timer queueWait;
    private final Timer duration;
    private final Counter retries;

    RequestMeters(Instruments instruments) {
        this.instruments = instruments;
        this.queueWait = instruments.timer("pgnetty.queue.wait", "From a request's insert to its send");
        this.duration = instruments.timer("pgnetty.request.duration", "From a request's send to its outcome");
        this.retries = instruments.counter("pgnetty.retries", "Attempts whose request is sent again");
    }

    void sending(Event.Sending sending) {
        queueWait.record(sending.waited());
    }

    void sent(Event.Sent sent) {
        duration.record(sent.took());
        requests(sent.request().method(), outcome(sent.outcome())).increment();
        if (sent.verdict() instanceof Verdict.Retry) {
            retries.increment();
        }
    }

    private Counter requests(String method, String outcome) {
        return instruments.counter(
                "pgnetty.requests",
                "Requests sent, by method and outcome",
                "method",
                Methods.registeredOr(method, "OTHER"),
                "outcome",
                outcome);
    }

    private static String outcome(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return failed.kind().label();
        }
        int hundreds = ((Outcome.Responded) outcome).status() / 100;
        return hundreds >= 1 && hundreds <= 5 ? hundreds + "xx" : "other";
    }
}
