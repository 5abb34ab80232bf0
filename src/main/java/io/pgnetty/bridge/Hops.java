package io.pgnetty.bridge;

import io.pgnetty.http.HopGate;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.RequestQueue;
import io.pgnetty.postgres.RequestQueue.Attempt;
import io.pgnetty.postgres.RequestQueue.HopAnswer;
import io.pgnetty.request.QueuedRequest;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Asks the database whether a redirect may lead a request to another host: pauses, circuit breakers and rules hold there, too. */
final class Hops {

    private final RequestQueue queue;
    private final Running questions = new Running();

    Hops(RequestQueue queue) {
        this.queue = queue;
    }

    /** The gate of one request. */
    HopGate of(QueuedRequest request) {
        return host -> enter(Attempt.of(request), host);
    }

    /** Gives up the questions that are not answered yet. */
    void close() {
        questions.close();
    }

    private Mono<Optional<String>> enter(Attempt attempt, String host) {
        return Mono.defer(() -> {
                    // The request's deadline cancels this, but never a statement under way.
                    Mono<HopAnswer> answer = queue.hop(attempt, host).cache();
                    questions.start(answer.onErrorResume(error -> Mono.empty()));
                    return answer;
                })
                .flatMap(answer -> answer.askAgainIn().isEmpty()
                        ? Mono.just(answer.problem())
                        : Mono.delay(answer.askAgainIn().get()).flatMap(tick -> enter(attempt, host)))
                .onErrorResume(error -> Mono.just(
                        Optional.of("of which the database could not be asked: " + DatabaseFailure.reason(error))));
    }
}
