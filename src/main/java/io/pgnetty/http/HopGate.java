package io.pgnetty.http;

import java.util.Optional;
import reactor.core.publisher.Mono;

/** Asked before a redirect leads a request to another host, whose pauses and rules hold for it as for any other request. */
@FunctionalInterface
public interface HopGate {

    /** For senders that know no rules. */
    HopGate OPEN = host -> Mono.just(Optional.empty());

    /**
     * Completes when the request may go there; waits for a slot and for the host's rate.
     *
     * @param host its one name, with its port unless that is the scheme's own
     * @return why it may not go there; empty where it may
     */
    Mono<Optional<String>> enter(String host);
}
