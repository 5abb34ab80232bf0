package io.pgnetty.http;

import io.pgnetty.http.egress.EgressRules;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Failed;
import io.pgnetty.request.Outcome.ForOthers;
import java.time.Duration;
import java.time.Instant;
import reactor.core.publisher.Mono;

/**
 * The outcome of a hop that failed. Of a name it does not tell whether it has addresses that the egress rules refuse, or none: who queues
 * would find out which names there are in the bridge's network. Both say the same, and after the same time.
 */
final class HopFailures {

    /** Longer than it takes to look up a name. What takes longer is told after twice this time, and so on. */
    private static final Duration STEP = Duration.ofMillis(500);

    private final EgressRules rules;
    private final Events events;

    HopFailures(EgressRules rules, Events events) {
        this.rules = rules;
        this.events = events;
    }

    /** What the request ends with, as far as this bridge is concerned. */
    Mono<Outcome> of(Throwable error, TargetUrl target, HopSender.Sent sent) {
        Failed failed = FailureClassifier.of(error, target);
        if (error instanceof EgressDeniedException denied) {
            if (denied.isForOthers() && sent.isUnsent()) {
                return Mono.just(new ForOthers(failed.message()));
            }
            events.emit(denied.event());
            return EgressRules.isKnown(target.host()) ? Mono.just(failed) : unreachable(target, sent);
        }
        if (failed.kind() == FailureKind.DNS) {
            return unreachable(target, sent);
        }
        if (failed.kind() == FailureKind.LOCAL && sent.isUnsent()) {
            return Mono.just(new Failed(FailureKind.UNSENT, failed.message()));
        }
        if (failed.kind() == FailureKind.OTHER) {
            events.emit(new Event.Unexplained(sent.subject(), error, Instant.now()));
        }
        return Mono.just(failed);
    }

    private Mono<Outcome> unreachable(TargetUrl target, HopSender.Sent sent) {
        Mono<Outcome> outcome = Mono.just(new Failed(FailureKind.DNS, rules.unreachable(target.host(), target.port())));
        if (rules.allowsByName(target.host(), target.port())) {
            return outcome;
        }
        long taken = sent.phases().sinceHop().toMillis();
        // The text of a time-out would tell how long it took.
        sent.phases().stillResolving();
        return outcome.delayElement(STEP.minusMillis(taken % STEP.toMillis()));
    }
}
