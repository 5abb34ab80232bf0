package io.pgnetty.bridge;

import io.pgnetty.config.Config;
import io.pgnetty.http.HttpSender;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.observe.Observers;
import io.pgnetty.postgres.BridgeStatements;
import io.pgnetty.postgres.CallbackSessions;
import io.pgnetty.postgres.Heartbeats.HeartbeatReply;
import io.pgnetty.postgres.Notifications;
import io.pgnetty.request.Completed;
import io.pgnetty.request.HostRules;
import io.pgnetty.request.QueueDepth;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One bridge: notifications wake the dispatcher, chores run periodically. Starts, drains, stops. */
public final class Bridge {

    private final Config config;
    private final Notifications notifications;
    private final BridgeStatements statements;
    private final Rest rest = new Rest();
    private final Leases leases;
    private final OtherBridges others;
    private final QueueVacuum vacuum;
    private final QueueCount count;
    private final Dispatcher dispatcher;
    private final DueScheduler dueScheduler;
    private final LeaderPoller poller;
    private final Chores chores;
    private final Optional<Callbacks> callbacks;
    private final Health health;
    private final Events events;
    private final Disposable.Composite running = Disposables.composite();
    private final Disposable.Swap calling = Disposables.swap();
    private final Disposable.Swap pipeline = Disposables.swap();
    private final Disposable.Swap reconnecting = Disposables.swap();
    private final Sinks.Empty<Void> outdated = Sinks.empty();
    private volatile long openCircuitBreakers;

    /** Wires the parts; nothing runs yet. */
    public Bridge(
            Config config,
            Health health,
            BridgeStatements statements,
            Notifications notifications,
            HttpSender sender,
            Observers observers) {
        this.config = config;
        this.statements = statements;
        this.notifications = notifications;
        this.events = observers.events();
        this.health = health;
        this.leases = new Leases(statements.requests(), config.database().timings(), events);
        this.others = new OtherBridges(sender.peers(), statements.heartbeats(), this::pollNow, events);
        Shared shared = new Shared(rest, leases, health, events, observers.traces(), others);
        this.callbacks = Optional.ofNullable(config.callbackUrl())
                .map(url -> new Callbacks(statements.callbacks(), new CallbackSessions(url), shared));
        this.vacuum = new QueueVacuum(statements.maintenance());
        this.dispatcher =
                new Dispatcher(statements, sender, shared, config.delivery().concurrency(), new Dispatched());
        this.dueScheduler = new DueScheduler(statements.due(), config.database().timings(), shared, dispatcher::wake);
        this.poller = new LeaderPoller(
                notifications,
                this::pollNow,
                statements.heartbeats()::notifyPeers,
                config.database().timings().leadership(),
                events);
        this.count = new QueueCount(
                statements.maintenance(), shared, vacuum, config.database().maxQueued());
        this.chores = new Chores(statements, shared, vacuum, count, config.database(), new ChoresDone());
    }

    private final class Dispatched implements Dispatcher.Listener {
        @Override
        public void onRecorded(List<Completed> batch) {
            vacuum.done(batch.size());
            dueScheduler.onRecorded(batch);
            callbacks.ifPresent(Callbacks::wake);
        }

        @Override
        public void onPolled(Dispatcher.Found found) {
            if (found == Dispatcher.Found.NOTHING) {
                return;
            }
            endRest();
            if (found == Dispatcher.Found.MORE) {
                poller.foundMore();
            } else {
                poller.foundWork();
            }
        }
    }

    private final class ChoresDone implements Chores.Listener {
        /** Polls without a notification: notifications may be lost, and so may the answer to a claim. */
        @Override
        public void pollIsDue() {
            leases.orphaned();
            pollNow();
        }

        @Override
        public void restartRequested() {
            notifications.reconnect();
            reconnecting.update(
                    statements.database().reconnect().onErrorComplete().subscribe());
        }

        @Override
        public void ruled(HostRules rules) {
            dispatcher.rules(rules);
            // There may be more slots.
            pollNow();
        }

        @Override
        public void onHeartbeat(HeartbeatReply reply) {
            if (reply.misfit().isPresent()) {
                if (outdated.tryEmitEmpty() == Sinks.EmitResult.OK) {
                    events.emit(new Event.Outdated(reply.misfit().get()));
                    // At once: the claim is another one by now.
                    dispatcher.stop();
                }
                return;
            }
            openCircuitBreakers = reply.openCircuitBreakers();
            rest.setPeers(reply.peers() > 0);
            poller.assigned(reply.isLeader(), reply.peers() > 0);
            dispatcher.setPeers(reply.peers() > 0);
            others.have(reply.others());
        }
    }

    /** Begins to listen, claim and send. */
    public void start() {
        health.onChange(chores::beatNow);
        notifications.pingRarelyWhile(rest::isResting);
        pipeline.update(dispatcher.run().subscribe(nothing -> {}, health::broken));
        running.add(notifications.signals().subscribe(this::onSignal, health::broken));
        running.add(dueScheduler.run().subscribe(nothing -> {}, health::broken));
        running.add(others.reminders().subscribe(nothing -> {}, health::broken));
        running.add(chores.run().subscribe(nothing -> {}, health::broken));
        callbacks.ifPresent(runner -> calling.update(runner.run().subscribe(nothing -> {}, health::broken)));
        // The first poll needs no notification.
        pollNow();
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
        return leases.inFlight();
    }

    /** Outcomes that are not yet written back. */
    public int unrecorded() {
        return Math.max(leases.count() - leases.inFlight(), 0);
    }

    /** How much waits, as of {@link #depthAge} ago; empty while the database cannot be read. */
    public Optional<QueueDepth> depth() {
        return count.known();
    }

    /** Requests in the queue, in whatever state; empty while the database cannot be read. */
    public Optional<Long> queued() {
        return count.queued();
    }

    /** Since the queue was counted, or since the start. */
    public Duration depthAge() {
        return count.age();
    }

    /** Hosts whose circuit breaker is open, as of a second ago; empty while the database cannot be read. */
    public Optional<Long> openCircuitBreakers() {
        return health.reaches() ? Optional.of(openCircuitBreakers) : Optional.empty();
    }

    /** Whether this bridge polls, so that senders need not notify. */
    public boolean isPolling() {
        return poller.isPolling();
    }

    /** Whether a session that is not a bridge's holds the idle lock. */
    public boolean isIdleLockContested() {
        return poller.isContested();
    }

    /**
     * Drains, on one deadline: no more claims, requests in flight finish, their results are written, the leases of the rest go
     * back, and the listener stops. The connections are the service's to close.
     */
    public Mono<Void> stop() {
        Duration limit = config.delivery().drainTimeout();
        Mono<Void> called = Mono.justOrEmpty(callbacks).flatMap(runner -> runner.stop(limit));
        Mono<Void> drained = new Drain(dispatcher, leases, statements.heartbeats(), health, events).run(limit, () -> {
            running.dispose();
            pipeline.dispose();
            dispatcher.close();
            poller.close();
        });
        return Mono.when(drained, called).doFinally(signal -> calling.dispose());
    }

    /** There may be work. */
    private void endRest() {
        if (rest.end()) {
            chores.beatNow();
        }
    }

    private void onSignal(Notifications.Signal signal) {
        endRest();
        poller.onNotification(signal);
        if (signal == Notifications.Signal.CONTROL) {
            // Before any poll: the schema may have been upgraded.
            chores.beatNow();
            return;
        }
        if (signal == Notifications.Signal.CONNECTED) {
            dispatcher.verify();
        }
        pollNow();
    }

    private void pollNow() {
        dueScheduler.wake();
        dispatcher.wake();
        callbacks.ifPresent(Callbacks::wake);
    }
}
