package io.pgnetty.bridge;

import io.pgnetty.http.HopGate;
import io.pgnetty.postgres.Attempt;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.HostStatements;
import io.pgnetty.postgres.HostStatements.HopAnswer;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import reactor.core.publisher.Mono;

/** Asks the database whether a redirect may lead a request to another host: pauses, circuit breakers and rules hold there, too. */
final class Hops {

    private final HostStatements hosts;
    private final BackgroundTasks questions = new BackgroundTasks();

    Hops(HostStatements hosts) {
        this.hosts = hosts;
    }

    /** The gate of one request. */
    HopGate of(QueuedRequest request) {
        return host -> enter(Attempt.of(request), host);
    }

    /** Gives up the questions that are not answered yet. */
    void close() {
        questions.close();
    }

    /** Asks again, more and more rarely, while the host has no slot or the database cannot answer; the deadline ends it. */
    private Mono<Optional<String>> enter(Attempt attempt, String host) {
        return Mono.defer(() -> ask(attempt, host))
                .repeatWhenEmpty(Integer.MAX_VALUE, times -> times.concatMap(n -> Mono.delay(pause(n))))
                .onErrorResume(error -> Mono.just(Optional.of(
                        "and the database could not say whether that is allowed: " + DatabaseFailure.reason(error))));
    }

    /** The answer; empty where it is to be asked for again. */
    private Mono<Optional<String>> ask(Attempt attempt, String host) {
        // The request's deadline cancels this, but never a statement under way.
        Mono<HopAnswer> answer = hosts.hop(attempt, host).cache();
        questions.start(answer.onErrorResume(error -> Mono.empty()));
        return answer.onErrorResume(
                        error -> DatabaseFailure.passing(error) || DatabaseFailure.slow(error), error -> Mono.empty())
                .filter(given -> given.askAgainIn().isEmpty())
                .map(HopAnswer::problem);
    }

    private static Duration pause(long times) {
        long millis = Math.min(50L << Math.min(times, 5), 1_000);
        return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
    }
}
