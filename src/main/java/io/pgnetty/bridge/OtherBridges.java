package io.pgnetty.bridge;

import io.pgnetty.config.Config;
import io.pgnetty.http.egress.PeerEgress;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.Heartbeats;
import io.pgnetty.postgres.Heartbeats.OtherRules;
import io.pgnetty.request.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The bridges whose egress rules are not those of this one. A request that only they may send goes back to the queue, so that it
 * does not fail because of who claimed it, and for a while nothing more is claimed for its host here. The others are notified
 * meanwhile: while this bridge polls, senders do not notify.
 */
final class OtherBridges {

    /** For how long nothing is claimed for a host, after a request for it was left to others. */
    private static final Duration LEFT_FOR = Duration.ofSeconds(10);

    private static final Duration REMINDER = Duration.ofMillis(250);

    /** The longest ago is forgotten first. */
    private static final int MAX_HOSTS = 100;

    private final PeerEgress rules;
    private final Heartbeats heartbeats;
    private final Runnable poll;
    private final Events events;
    private final Map<String, Long> left = new LinkedHashMap<>();
    private @Nullable List<List<String>> known;
    private boolean reminded;

    /**
     * Begins without knowing of any: until it does, what is refused here is left to them.
     *
     * @param rules where the sender looks
     * @param poll polls the queue
     */
    OtherBridges(PeerEgress rules, Heartbeats heartbeats, Runnable poll, Events events) {
        this.rules = rules;
        this.heartbeats = heartbeats;
        this.poll = poll;
        rules.expect();
        this.events = events;
    }

    /** Their rules are these now; what was left to those of before is decided again. */
    void have(List<OtherRules> others) {
        boolean first;
        synchronized (this) {
            List<List<String>> lists =
                    others.stream().map(one -> List.of(one.allow(), one.deny())).toList();
            if (lists.equals(known)) {
                return;
            }
            first = known == null;
            known = lists;
            left.clear();
        }
        rules.set(parsed(others));
        if (!first || !others.isEmpty()) {
            events.emit(new Event.EgressRulesDiffer(
                    others.stream().map(OtherBridges::text).toList()));
        }
        poll.run();
    }

    private List<Config.Egress> parsed(List<OtherRules> others) {
        List<Config.Egress> parsed = new ArrayList<>();
        for (OtherRules other : others) {
            try {
                parsed.add(Config.Egress.parse(other.allow(), other.deny()));
            } catch (IllegalArgumentException e) {
                // Of another version: what it may send is not known, that it differs is.
                events.emit(new Event.ChoreFailed("reading the egress rules of " + other.name(), e.toString()));
            }
        }
        return parsed;
    }

    private static String text(OtherRules other) {
        return other.name() + " (--egress-allow \"" + other.allow() + "\" --egress-deny \"" + other.deny() + "\")";
    }

    /** Whether a request is left to others; it then goes back with the next poll. */
    boolean take(HeldRequest held, Outcome outcome) {
        if (!(outcome instanceof Outcome.ForOthers refused)) {
            return false;
        }
        synchronized (this) {
            left.put(held.request().host(), System.nanoTime() + LEFT_FOR.toNanos());
            if (left.size() > MAX_HOSTS) {
                left.remove(left.keySet().iterator().next());
            }
        }
        events.emit(new Event.LeftToOthers(Event.Subject.of(held.request()), refused.message(), Instant.now()));
        // It is not to be told as one whose lease is over.
        held.end();
        return true;
    }

    /** The hosts of which nothing is claimed now. */
    synchronized List<String> hosts() {
        if (left.isEmpty()) {
            return List.of();
        }
        long now = System.nanoTime();
        left.values().removeIf(until -> until - now < 0);
        return List.copyOf(left.keySet());
    }

    /**
     * Notifies the others while there is something for them, and this bridge, which listens as well, when it may claim that again.
     * Runs while subscribed to; never errors.
     */
    Flux<Void> reminders() {
        return Flux.interval(REMINDER)
                .onBackpressureDrop()
                .filter(tick -> isToBeReminded())
                .concatMap(tick -> heartbeats.notifyPeers().onErrorResume(error -> {
                    events.emit(
                            new Event.ChoreFailed("notification of the other bridges", DatabaseFailure.reason(error)));
                    return Mono.empty();
                }));
    }

    private synchronized boolean isToBeReminded() {
        boolean before = reminded;
        reminded = !hosts().isEmpty();
        return before || reminded;
    }
}
