package io.pgnetty.bridge;

import io.pgnetty.bridge.BellState.Input;
import io.pgnetty.bridge.BellState.Mode;
import io.pgnetty.bridge.BellState.Output;
import io.pgnetty.bridge.BellState.Step;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.Bell;
import io.pgnetty.postgres.DatabaseFailure;
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
 * The duty of one bridge among all: to look at the queue while senders are quiet, and to fall asleep under the bell's lock when
 * nothing comes. {@link BellState} says what is done; this class has the clock, and calls the others when there is more than
 * it can carry. All of it happens on one thread of its own.
 */
final class Duty {

    /** Between two looks while awake. */
    private static final Duration LOOK = Duration.ofMillis(5);

    /** Without finding anything, before it asks to sleep. */
    private static final Duration IDLE = Duration.ofMillis(100);

    /** Between two looks at most, where something keeps it from sleeping: a transaction that does not end, or a stranger. */
    private static final Duration MAX_PAUSE = Duration.ofMillis(250);

    /** After these it asks more and more seldom, at last every four seconds. */
    private static final int FEW_REFUSALS = 5;

    /** Between two calls to the other bridges. */
    private static final Duration CALL = Duration.ofMillis(100);

    /** Between two looks at who keeps it from sleeping. */
    private static final Duration WHO = Duration.ofSeconds(1);

    private final Bell bell;
    private final Supplier<Mono<Void>> callOthers;
    private final Runnable look;
    private final Duration lease;
    private final Events events;
    private final Scheduler thread = Schedulers.newSingle("pgnetty-bell", true);
    private final Disposable.Swap nextTick = Disposables.swap();
    private final Running asking = new Running();

    private BellState state = BellState.INITIAL;

    /** Which ask an answer belongs to: one from a connection that is gone says nothing. */
    private long asks;

    private int refusals;
    private long askAgainAt = System.nanoTime();
    private final RingRate rate = new RingRate();
    private long whoAt = System.nanoTime();
    private long calledAt = System.nanoTime();

    /** The last time that a look found something, or had no place for it. */
    private volatile long foundAt = System.nanoTime();

    private volatile boolean awake;
    private volatile boolean others;
    private volatile Optional<String> stranger = Optional.empty();

    /**
     * @param look looks at the queue, and at what waits for its time
     * @param callOthers rings for the other bridges
     * @param lease for how long a bridge is on duty unless it says so again
     */
    Duty(Bell bell, Runnable look, Supplier<Mono<Void>> callOthers, Duration lease, Events events) {
        this.bell = bell;
        this.look = look;
        this.callOthers = callOthers;
        this.lease = lease;
        this.events = events;
    }

    /** Whether senders need not ring: this bridge looks by itself. */
    boolean silent() {
        return awake && stranger.isEmpty();
    }

    /** Whether somebody who is no bridge has the bell's lock. */
    boolean contested() {
        return stranger.isPresent();
    }

    /** What the last heartbeat brought: whether this bridge is on duty, and whether there are others. */
    void assigned(boolean onDuty, boolean hasOthers) {
        others = hasOthers;
        run(() -> take(onDuty ? Input.ON_DUTY : Input.OFF_DUTY));
    }

    /** The bell rang. */
    void rang(Bell.Ring ring) {
        run(() -> {
            if (ring == Bell.Ring.LOST || ring == Bell.Ring.CONNECTED) {
                asks++;
                take(Input.LOST);
            } else if (ring == Bell.Ring.LOOK && rate.isHigh()) {
                foundAt = System.nanoTime();
                take(Input.BUSY);
            }
        });
    }

    /** A look found something. */
    void found() {
        foundAt = System.nanoTime();
    }

    /** There is more than this bridge has places for, or claims at once. */
    void overloaded() {
        foundAt = System.nanoTime();
        if (awake && others) {
            run(this::call);
        }
    }

    /** Gives nothing up in the database: the connection ends, and the heartbeat says the rest. */
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
        boolean wakes = state.mode() == Mode.AWAKE && before != Mode.AWAKE;
        awake = state.mode() == Mode.AWAKE && !state.asked();
        if (before == Mode.OFF_DUTY != (state.mode() == Mode.OFF_DUTY)) {
            events.emit(new Event.Duty(state.mode() != Mode.OFF_DUTY));
        }
        if (input == Input.GRANTED || state.mode() == Mode.OFF_DUTY) {
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
            case LOOK -> look.run();
            case ASK -> ask();
            case RELEASE -> {
                asking.start(bell.release());
                look.run();
            }
        }
    }

    /** Looks, and asks to sleep when there is nothing to find; again and again while awake. */
    private void tick() {
        if (state.mode() != Mode.AWAKE) {
            return;
        }
        look.run();
        boolean idle = System.nanoTime() - foundAt > IDLE.toNanos();
        if (!idle) {
            refusals = 0;
        } else if (System.nanoTime() - askAgainAt >= 0) {
            take(Input.IDLE);
        }
        nextTick.update(thread.schedule(this::tick, pause().toMillis(), TimeUnit.MILLISECONDS));
    }

    private Duration pause() {
        Duration grown = LOOK.multipliedBy(1L << Math.min(refusals, 6));
        return grown.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : grown;
    }

    private void ask() {
        long number = ++asks;
        asking.start(bell.ask().doOnNext(granted -> run(() -> answered(number, granted))));
    }

    private void answered(long number, boolean granted) {
        if (number != asks) {
            // Asked for on this connection before we had heard that it is there, or on the one before. Where a later
            // question
            // is under way, or answered, the lock is wanted: it is given up as often as it was granted.
            if (granted && !state.asked() && state.mode() != Mode.ASLEEP) {
                asking.start(bell.release());
            }
            return;
        }
        if (!granted) {
            refusals++;
            // Each refusal is an error in the server's log.
            askAgainAt = System.nanoTime() + pause().toNanos() * (refusals > FEW_REFUSALS ? 16 : 1);
            who();
        }
        take(granted ? Input.GRANTED : Input.REFUSED);
    }

    /** Somebody keeps us from sleeping: a sender whose transaction is open, which is as it should be, or a stranger. */
    private void who() {
        long now = System.nanoTime();
        if (now - whoAt < WHO.toNanos()) {
            return;
        }
        whoAt = now;
        asking.start(bell.stranger(lease)
                .doOnNext(holder -> run(() -> known(holder)))
                .onErrorResume(error -> {
                    events.emit(new Event.ChoreFailed("look at the bell's lock", DatabaseFailure.reason(error)));
                    return Mono.empty();
                }));
    }

    private void known(Optional<String> holder) {
        if (holder.isPresent() && stranger.isEmpty()) {
            events.emit(new Event.BellContested(holder.get()));
        }
        stranger = holder;
    }

    private void call() {
        long now = System.nanoTime();
        if (now - calledAt < CALL.toNanos()) {
            return;
        }
        calledAt = now;
        asking.start(callOthers.get().onErrorResume(error -> {
            events.emit(new Event.ChoreFailed("call to the other bridges", DatabaseFailure.reason(error)));
            return Mono.empty();
        }));
    }
}
