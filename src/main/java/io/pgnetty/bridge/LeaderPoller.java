package io.pgnetty.bridge;

import io.pgnetty.bridge.PollerState.Input;
import io.pgnetty.bridge.PollerState.Mode;
import io.pgnetty.bridge.PollerState.Output;
import io.pgnetty.bridge.PollerState.Step;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.Notifications;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What the leader does beside its other work: it polls the queue, so that senders need not notify, and takes the idle lock when
 * nothing is queued for a while. {@link PollerState} decides; this class has the clock and the connection, and notifies the other
 * bridges when more is due than this one has slots for. Everything happens on one thread of its own.
 */
final class LeaderPoller {

    /** Between two polls. */
    private static final Duration POLL = Duration.ofMillis(5);

    /** Without a due request, before the leader asks for the idle lock. */
    private static final Duration IDLE = Duration.ofMillis(100);

    /** Between two polls at most, while the idle lock is refused: a sender's transaction stays open, or another session holds it. */
    private static final Duration MAX_PAUSE = Duration.ofMillis(250);

    /** After this many refusals the leader asks more and more rarely, at last every four seconds. */
    private static final int FEW_REFUSALS = 5;

    private final Notifications notifications;
    private final Supplier<Mono<Void>> notifyPeers;
    private final Runnable poll;
    private final Duration lease;
    private final Events events;
    private final Scheduler thread = Schedulers.newSingle("pgnetty-poller", true);
    private final Disposable.Swap nextTick = Disposables.swap();
    private final BackgroundTasks asking = new BackgroundTasks();

    private PollerState state = PollerState.INITIAL;

    /** Numbers the questions for the lock: an answer that came over an earlier connection counts for nothing. */
    private long asks;

    private int refusals;
    private long askAgainAt = System.nanoTime();
    private final NotificationRate rate = new NotificationRate();
    private final Throttle holderChecks = new Throttle(Duration.ofSeconds(1));
    private final Throttle peerNotifications = new Throttle(Duration.ofMillis(100));

    /** The last time that a poll found due requests, or had no slot for them. */
    private volatile long foundAt = System.nanoTime();

    private volatile boolean polling;
    private volatile boolean peers;
    private volatile Optional<String> stranger = Optional.empty();

    /**
     * @param poll polls the queue, and promotes the requests whose time has come
     * @param notifyPeers notifies the other bridges
     * @param lease how long a bridge stays the leader without another heartbeat
     */
    LeaderPoller(
            Notifications notifications,
            Runnable poll,
            Supplier<Mono<Void>> notifyPeers,
            Duration lease,
            Events events) {
        this.notifications = notifications;
        this.poll = poll;
        this.notifyPeers = notifyPeers;
        this.lease = lease;
        this.events = events;
    }

    /** Whether this bridge polls, so that senders need not notify. */
    boolean isPolling() {
        return polling && stranger.isEmpty();
    }

    /** Whether a session that is not a bridge's holds the idle lock. */
    boolean isContested() {
        return stranger.isPresent();
    }

    /** After each heartbeat: whether this bridge is the leader, and whether there are other bridges. */
    void assigned(boolean isLeader, boolean hasPeers) {
        peers = hasPeers;
        run(() -> take(isLeader ? Input.LEADER : Input.FOLLOWER));
    }

    /** After each signal of the connection that listens. */
    void onNotification(Notifications.Signal signal) {
        run(() -> {
            if (signal == Notifications.Signal.LOST || signal == Notifications.Signal.CONNECTED) {
                asks++;
                take(Input.LOST);
            } else if (signal == Notifications.Signal.POLL && rate.isHigh()) {
                foundAt = System.nanoTime();
                take(Input.BUSY);
            }
        });
    }

    /** A poll found due requests. */
    void foundWork() {
        foundAt = System.nanoTime();
    }

    /** More requests are due than this bridge has slots for, or claims at once. */
    void foundMore() {
        foundAt = System.nanoTime();
        if (polling && peers) {
            run(this::notifyPeersNow);
        }
    }

    /** Changes nothing in the database: the lock goes with the connection, and the leadership with the last heartbeat. */
    void close() {
        nextTick.dispose();
        asking.close();
        // It waits for a lock of the thread's queue, which an event loop must not.
        Schedulers.boundedElastic().schedule(thread::dispose);
    }

    private void run(Runnable work) {
        if (!thread.isDisposed()) {
            thread.schedule(work);
        }
    }

    private void take(Input input) {
        Mode before = state.mode();
        Step step = state.on(input);
        state = step.next();
        boolean wakes = state.mode() == Mode.POLLING && before != Mode.POLLING;
        polling = state.mode() == Mode.POLLING && !state.asked();
        if (before == Mode.FOLLOWER != (state.mode() == Mode.FOLLOWER)) {
            events.emit(new Event.Leadership(state.mode() != Mode.FOLLOWER));
        }
        if (input == Input.GRANTED || state.mode() == Mode.FOLLOWER) {
            refusals = 0;
            known(Optional.empty());
        }
        act(step.output());
        if (wakes) {
            tick();
        }
    }

    private void act(Output output) {
        switch (output) {
            case NOTHING -> {}
            case POLL -> poll.run();
            case ASK -> ask();
            case RELEASE -> {
                asking.start(notifications.release());
                poll.run();
            }
        }
    }

    /** Polls, and asks for the idle lock when nothing is due; repeatedly while this bridge polls. */
    private void tick() {
        if (state.mode() != Mode.POLLING) {
            return;
        }
        poll.run();
        boolean idle = System.nanoTime() - foundAt > IDLE.toNanos();
        if (!idle) {
            refusals = 0;
        } else if (System.nanoTime() - askAgainAt >= 0) {
            take(Input.IDLE);
        }
        nextTick.update(thread.schedule(this::tick, pause().toMillis(), TimeUnit.MILLISECONDS));
    }

    private Duration pause() {
        Duration grown = POLL.multipliedBy(1L << Math.min(refusals, 6));
        return grown.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : grown;
    }

    private void ask() {
        long number = ++asks;
        asking.start(notifications.ask().doOnNext(granted -> run(() -> answered(number, granted))));
    }

    private void answered(long number, boolean granted) {
        if (number != asks) {
            // Sent before this thread knew of the new connection, or over the one before it. If a later question is
            // open or was answered, the lock is wanted; a release undoes all grants at once.
            if (granted && !state.asked() && state.mode() != Mode.LISTENING) {
                asking.start(notifications.release());
            }
            return;
        }
        if (!granted) {
            refusals++;
            // Each refusal is an error in the server's log.
            askAgainAt = System.nanoTime() + pause().toNanos() * (refusals > FEW_REFUSALS ? 16 : 1);
            checkHolders();
        }
        take(granted ? Input.GRANTED : Input.REFUSED);
    }

    /** The lock was refused: a sender's transaction is still open, which is normal, or a session that is not ours holds it. */
    private void checkHolders() {
        if (!holderChecks.passes()) {
            return;
        }
        asking.start(notifications
                .stranger(lease)
                .doOnNext(holder -> run(() -> known(holder)))
                .onErrorResume(error -> {
                    events.emit(new Event.ChoreFailed("check of the idle lock", DatabaseFailure.reason(error)));
                    return Mono.empty();
                }));
    }

    private void known(Optional<String> holder) {
        if (holder.isPresent() && stranger.isEmpty()) {
            events.emit(new Event.IdleLockContested(holder.get()));
        }
        stranger = holder;
    }

    private void notifyPeersNow() {
        if (!peerNotifications.passes()) {
            return;
        }
        asking.start(notifyPeers.get().onErrorResume(error -> {
            events.emit(new Event.ChoreFailed("notification of the other bridges", DatabaseFailure.reason(error)));
            return Mono.empty();
        }));
    }
}
