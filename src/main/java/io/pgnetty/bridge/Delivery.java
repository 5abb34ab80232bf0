package io.pgnetty.bridge;

import io.pgnetty.http.ByteBudget;
import io.pgnetty.http.HttpSender;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.observe.Traces;
import io.pgnetty.postgres.HostStatements;
import io.pgnetty.request.Completed;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.HostRules;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import io.pgnetty.request.RetryPolicy;
import io.pgnetty.request.Verdict;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import reactor.core.publisher.Mono;

/**
 * Takes a claimed request through send, verdict and write-back, as long as its lease lives. A request that is not sent goes back
 * with the next poll.
 */
final class Delivery {

    private final HttpSender sender;
    private final Leases leases;
    private final Events events;
    private final Traces traces;
    private final OtherBridges others;
    private final Completer completer;
    private final Runnable poll;
    private final CircuitBreakers circuitBreakers;
    private final Hops hops;
    private final ShortageGuard shortage;
    private final RetryPolicy retries =
            new RetryPolicy(Clock.systemUTC(), () -> ThreadLocalRandom.current().nextDouble());

    /** @param poll polls the queue: there is something to be given back */
    Delivery(
            HttpSender sender,
            Shared shared,
            HostStatements hosts,
            Completer completer,
            ShortageGuard shortage,
            Runnable poll) {
        this.sender = sender;
        this.leases = shared.leases();
        this.events = shared.events();
        this.traces = shared.traces();
        this.others = shared.others();
        this.completer = completer;
        this.poll = poll;
        this.shortage = shortage;
        this.circuitBreakers = new CircuitBreakers(hosts, events);
        this.hops = new Hops(hosts);
    }

    /** What rules say about the circuit breakers of hosts. */
    void rules(HostRules rules) {
        circuitBreakers.rules(rules);
    }

    /** Gives up what is being asked and written about hosts. */
    void close() {
        circuitBreakers.close();
        hops.close();
    }

    /** Completes when the request is done with here, whatever became of it. Does not error, unless there is a bug. */
    Mono<Void> deliver(HeldRequest held) {
        ByteBudget.Reservation memory = sender.memory().open(held.request().host());
        return Mono.defer(() -> {
                    if (leases.mayBegin(held)) {
                        return begin(held, memory);
                    }
                    leases.giveUp(held);
                    return Mono.empty();
                })
                .doFinally(signal -> {
                    memory.close();
                    // A recorded result was dropped before, with one wake-up for its batch. A request that was not sent
                    // goes back with the next poll.
                    if (leases.drop(held.request())) {
                        leases.orphaned();
                        poll.run();
                    }
                });
    }

    private Mono<Void> begin(HeldRequest held, ByteBudget.Reservation memory) {
        Traces.Attempt trace = traces.begin(held.request(), held.claimTook());
        QueuedRequest request = trace.request();
        long started = System.nanoTime();
        held.begun();
        events.emit(new Event.Sending(request, request.waited(), Instant.now()));
        return sender.send(request, () -> leases.mayGoOn(held), hops.of(request), memory)
                .takeUntilOther(held.lost())
                .onErrorResume(bug -> broken(request, bug))
                .filter(outcome -> !shortage.takes(held, outcome) && !others.take(held, outcome))
                // Given up meanwhile: somebody else may be sending it by now.
                .filter(outcome -> leases.decide(held))
                .map(outcome -> completed(trace, outcome, started))
                .switchIfEmpty(Mono.fromRunnable(() -> leases.giveUp(held)))
                .flatMap(
                        completed -> completer.write(completed, memory::close).doOnSuccess(written -> trace.recorded()))
                .doFinally(signal -> trace.end());
    }

    private Mono<Outcome> broken(QueuedRequest request, Throwable bug) {
        events.emit(new Event.Unexplained(Event.Subject.of(request), bug, Instant.now()));
        return Mono.just(new Outcome.Failed(FailureKind.OTHER, "Sending failed inside the bridge; see its log"));
    }

    private Completed completed(Traces.Attempt trace, Outcome outcome, long started) {
        QueuedRequest request = trace.request();
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        Verdict verdict = retries.decide(request, outcome);
        trace.sent(outcome, () -> events.emit(new Event.Sent(request, outcome, verdict, took, Instant.now())));
        circuitBreakers.ended(request, outcome);
        return new Completed(request, outcome, verdict, started, took);
    }
}
