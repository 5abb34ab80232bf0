package io.pgnetty.bridge;

import io.pgnetty.config.Config;
import io.pgnetty.http.HttpSender;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.Bell;
import io.pgnetty.postgres.BridgeStatements;
import io.pgnetty.postgres.Replicas.Pulse;
import io.pgnetty.postgres.Upkeep.Depth;
import io.pgnetty.request.Completed;
import io.pgnetty.request.HostRules;
import java.time.Duration;
import java.util.List;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One bridge: the bell wakes the dispatcher, the housekeeper keeps time. Starts, drains, stops. */
public final class Bridge {

    /** The longest pause between two attempts at a database that is away: it is back within seconds of it. */
    public static final Duration MAX_BACKOFF = Duration.ofSeconds(1);

    /** What the stop may take beyond the requests in flight: the last write-back and the release of leases. */
    private static final Duration LAST_WRITES = Duration.ofSeconds(5);

    private static final Duration SOON = Duration.ofMillis(20);

    private final Config config;
    private final Bell bell;
    private final BridgeStatements statements;
    private final Leases leases;
    private final Sweeper sweeper;
    private final Dispatcher dispatcher;
    private final Timekeeper timekeeper;
    private final Duty duty;
    private final Housekeeper housekeeper;
    private final Health health;
    private final Events events;
    private final Disposable.Composite running = Disposables.composite();
    private final Disposable.Swap pipeline = Disposables.swap();
    private final Disposable.Swap reconnecting = Disposables.swap();
    private final Sinks.Empty<Void> outdated = Sinks.empty();
    private volatile long openBreakers;
    private volatile Depth depth = new Depth(0, 0, 0);

    /** Wires the parts; nothing runs yet. */
    public Bridge(
            Config config, Health health, BridgeStatements statements, Bell bell, HttpSender sender, Events events) {
        this.config = config;
        this.statements = statements;
        this.bell = bell;
        this.events = events;
        this.health = health;
        this.leases = new Leases(statements.requests(), config.database().timings(), events);
        Shared shared = new Shared(leases, health, events);
        this.sweeper = new Sweeper(statements.upkeep());
        this.dispatcher =
                new Dispatcher(statements, sender, shared, config.delivery().concurrency(), new Dispatched());
        this.timekeeper =
                new Timekeeper(statements.due(), config.database().timings(), health, events, dispatcher::wake);
        this.duty = new Duty(
                bell,
                this::lookNow,
                statements.replicas()::ring,
                config.database().timings().duty(),
                events);
        this.housekeeper = new Housekeeper(statements, shared, sweeper, config.database(), new ChoresDone());
    }

    private final class Dispatched implements Dispatcher.Listener {
        @Override
        public void written(List<Completed> batch) {
            sweeper.done(batch.size());
            timekeeper.written(batch);
        }

        @Override
        public void looked(Dispatcher.Look look) {
            switch (look) {
                case NOTHING -> {}
                case SOME -> duty.found();
                case MORE -> duty.overloaded();
            }
        }
    }

    private final class ChoresDone implements Housekeeper.Listener {
        /** What nothing asked for: notifications may be lost, and so may the answer to a claim. */
        @Override
        public void lookIsDue() {
            leases.strayed();
            lookNow();
        }

        @Override
        public void counted(Depth counted) {
            depth = counted;
        }

        @Override
        public void restartAsked() {
            bell.reconnect();
            reconnecting.update(
                    statements.database().reconnect().onErrorComplete().subscribe());
        }

        @Override
        public void ruled(HostRules rules) {
            dispatcher.rules(rules);
            // There may be more slots.
            lookNow();
        }

        @Override
        public void felt(Pulse pulse) {
            if (pulse.misfit().isPresent()) {
                if (outdated.tryEmitEmpty() == Sinks.EmitResult.OK) {
                    events.emit(new Event.Outdated(pulse.misfit().get()));
                    // At once: the claim is another one by now.
                    dispatcher.stop();
                }
                return;
            }
            openBreakers = pulse.broken();
            duty.assigned(pulse.onDuty(), pulse.others() > 0);
            dispatcher.alone(pulse.others() == 0);
        }
    }

    /** Begins to listen, claim and send. */
    public void start() {
        health.onChange(housekeeper::beatNow);
        pipeline.update(dispatcher.run().subscribe(nothing -> {}, health::broken));
        running.add(bell.rings().subscribe(this::ring, health::broken));
        running.add(timekeeper.run().subscribe(nothing -> {}, health::broken));
        running.add(housekeeper.run().subscribe(nothing -> {}, health::broken));
        // The first look needs no bell.
        lookNow();
    }

    /** Completes when the schema is not the one any more that this bridge was made for: then it must be stopped. */
    public Mono<Void> outdated() {
        return outdated.asMono();
    }

    /** Whether it does its work. */
    public Health health() {
        return health;
    }

    /** Requests claimed and not yet answered. */
    public int inFlight() {
        return leases.undecided();
    }

    /** Outcomes that are not yet written back. */
    public int unwritten() {
        return Math.max(leases.count() - leases.undecided(), 0);
    }

    /** How much waits, as of some seconds ago. */
    public Depth depth() {
        return depth;
    }

    /** Hosts whose breaker is open, as of a second ago. */
    public long openBreakers() {
        return openBreakers;
    }

    /** Whether senders need not ring, as this bridge looks by itself. */
    public boolean bellSilent() {
        return duty.silent();
    }

    /** Whether somebody who is no bridge has the bell's lock. */
    public boolean bellContested() {
        return duty.contested();
    }

    /**
     * Drains, on one deadline: no more claims, requests in flight finish, their results are written, the leases of the rest go
     * back, and the listener stops. The connections are the service's to close.
     */
    public Mono<Void> stop() {
        return Mono.defer(() -> {
            long started = System.nanoTime();
            Duration limit = config.delivery().drainTimeout();
            health.draining();
            events.emit(new Event.Draining(leases.count(), limit));
            dispatcher.stop();
            return settled(limit)
                    .then(Mono.defer(leases::releaseUnanswered)
                            .timeout(LAST_WRITES)
                            .onErrorReturn(new Leases.Released(0, 0)))
                    .flatMap(released -> settled(LAST_WRITES).thenReturn(released))
                    .doOnNext(released -> {
                        running.dispose();
                        pipeline.dispose();
                        dispatcher.close();
                        duty.close();
                    })
                    .flatMap(released -> statements
                            .replicas()
                            .farewell()
                            .timeout(LAST_WRITES)
                            .onErrorComplete()
                            .thenReturn(released))
                    .doOnNext(released -> events.emit(new Event.Stopped(
                            released.count(), released.begun(), Duration.ofNanos(System.nanoTime() - started))))
                    .then();
        });
    }

    private void ring(Bell.Ring ring) {
        duty.rang(ring);
        if (ring == Bell.Ring.CONTROL) {
            // Before any look: the schema may have been upgraded.
            housekeeper.beatNow();
            return;
        }
        if (ring == Bell.Ring.CONNECTED) {
            dispatcher.verify();
        }
        lookNow();
    }

    private void lookNow() {
        timekeeper.wake();
        dispatcher.wake();
    }

    /** Waits until nothing is held any more, or time is up. */
    private Mono<Void> settled(Duration limit) {
        return Flux.interval(Duration.ZERO, SOON)
                .takeUntil(tick -> dispatcher.idle())
                .take(limit)
                .then();
    }
}
