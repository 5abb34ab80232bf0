package io.pgnetty.bridge;

import io.pgnetty.config.Config;
import io.pgnetty.http.PeerEgress;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.Heartbeats.Other;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import reactor.core.publisher.Mono;

/**
 * The bridges whose egress rules are not those of this one. A request that only they may send is left to them, so that it does not
 * fail because of who claimed it.
 */
final class OtherBridges {

    /** Until a request that was left to others is due again: by then they know of it. This bridge may still be the first. */
    private static final Duration MOMENT = Duration.ofMillis(300);

    private final PeerEgress rules;
    private final RequestQueue queue;
    private final Leases leases;
    private final Events events;

    /** Changed by one heartbeat at a time. */
    private List<Other> known = List.of();

    /** @param rules where the sender looks */
    OtherBridges(PeerEgress rules, RequestQueue queue, Leases leases, Events events) {
        this.rules = rules;
        this.queue = queue;
        this.leases = leases;
        this.events = events;
    }

    /** They are these now. */
    void are(List<Other> others) {
        if (others.equals(known)) {
            return;
        }
        known = others;
        Map<UUID, Config.Egress> parsed = new HashMap<>();
        for (Other other : others) {
            try {
                parsed.put(other.id(), Config.Egress.parse(other.allow(), other.deny()));
            } catch (IllegalArgumentException e) {
                // Of another version: what it may send is not known, that it differs is.
                events.emit(new Event.ChoreFailed("reading the egress rules of " + other.name(), e.toString()));
            }
        }
        rules.set(parsed);
        events.emit(new Event.EgressRulesDiffer(
                others.stream().map(OtherBridges::text).toList()));
    }

    private static String text(Other other) {
        return other.name() + " (--egress-allow \"" + other.allow() + "\" --egress-deny \"" + other.deny() + "\")";
    }

    /** What is decided about a request: as it was, a failure that all share, or nothing where it is left to others. */
    Mono<Outcome> leave(HeldRequest held, Outcome outcome) {
        if (!(outcome instanceof Outcome.ForOthers refused)) {
            return Mono.just(outcome);
        }
        return queue.leaveToOthers(held.attempt(), refused.bridges(), refused.message(), MOMENT)
                .flatMap(left -> left ? left(held, refused) : Mono.just(failed(refused)))
                // Then it goes back with the next poll, and is decided once more.
                .onErrorResume(error -> {
                    events.emit(new Event.ChoreFailed("leaving a request to others", DatabaseFailure.reason(error)));
                    return unsent(held, refused);
                });
    }

    private Mono<Outcome> left(HeldRequest held, Outcome.ForOthers refused) {
        leases.drop(held.request());
        return unsent(held, refused);
    }

    private Mono<Outcome> unsent(HeldRequest held, Outcome.ForOthers refused) {
        events.emit(new Event.Unsent(Event.Subject.of(held.request()), refused.message(), Instant.now()));
        // It is not to be told as one whose lease is over.
        held.end();
        return Mono.empty();
    }

    private static Outcome failed(Outcome.ForOthers refused) {
        return new Outcome.Failed(FailureKind.EGRESS_DENIED, refused.message());
    }
}
