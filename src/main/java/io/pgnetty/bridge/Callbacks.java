package io.pgnetty.bridge;

import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.postgres.CallbackSessions;
import io.pgnetty.postgres.CallbackStatements;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.DueCallback;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Calls the functions of {@code on_response}, each at least once, after its response is committed. Not in its place within the write-back:
 * they are other people's code, and run in sessions of a role of their own.
 */
final class Callbacks {

    /** Functions that run at once, and those of one role among them: one whose functions never end leaves the others their part. */
    private static final int SLOTS = 8;

    private static final int SLOTS_OF_A_ROLE = 4;

    /** Of a function that failed for a reason that passes, such as a deadlock. */
    private static final int ATTEMPTS = 5;

    /** Until it is called again where its bridge has died: longer than a call can take. */
    private static final Duration LEASE = Duration.ofMinutes(2);

    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration SERVE = Duration.ofMinutes(1);

    /** It counts for a day. */
    private static final Duration SERVE_RESTING = Duration.ofHours(1);

    /** Characters of what a function raises. */
    private static final int MAX_REASON = 1_000;

    private static final Duration MAX_PAUSE = Duration.ofMinutes(1);

    private final CallbackStatements statements;
    private final CallbackSessions sessions;
    private final Rest rest;
    private final Events events;
    private final BackgroundTasks calls = new BackgroundTasks();
    private final AtomicInteger running = new AtomicInteger();
    private final Map<Long, Integer> byRole = new ConcurrentHashMap<>();
    private final WakeSignal wakeUp = new WakeSignal();
    private final Disposable.Swap alarm = Disposables.swap();
    private volatile boolean stopped;

    /** In a row, that no session was to be had; and {@link System#nanoTime()} until which none is tried. */
    private final AtomicInteger noSession = new AtomicInteger();

    private volatile long resumeAt = System.nanoTime();

    Callbacks(CallbackStatements statements, CallbackSessions sessions, Shared shared) {
        this.statements = statements;
        this.sessions = sessions;
        this.rest = shared.rest();
        this.events = shared.events();
    }

    /** Looks now: a response may be there. */
    void wake() {
        wakeUp.wake();
    }

    /** Runs while subscribed to. Never errors. */
    Flux<Void> run() {
        Pace polling = new Pace(rest, Rest.PAUSE);
        Pace serving = new Pace(rest, SERVE_RESTING);
        Flux<Void> calling = wakeUp.wakes().concatMap(wake -> quietly("callbacks", claimDue()), 1);
        Flux<Void> polls = Flux.interval(POLL)
                .onBackpressureDrop()
                .filter(tick -> polling.isDue())
                .doOnNext(tick -> wake())
                .thenMany(Flux.empty());
        Flux<Void> serves = Flux.interval(SERVE)
                .onBackpressureDrop()
                .filter(tick -> serving.isDue())
                .concatMap(
                        tick -> quietly(
                                "login of --callback-url",
                                statements.serve(sessions).doOnError(error -> serving.again())),
                        1);
        return Flux.merge(calling, polls, serves).doFinally(signal -> {
            alarm.dispose();
            calls.close();
        });
    }

    /** No function is called any more; completes when those that run have ended, or after {@code limit}. */
    Mono<Void> stop(Duration limit) {
        stopped = true;
        return Flux.interval(Duration.ZERO, Duration.ofMillis(20))
                .takeUntil(tick -> running.get() == 0)
                .take(limit)
                .then();
    }

    private Mono<Void> claimDue() {
        return claimOne().expand(started -> claimOne()).then();
    }

    private Mono<DueCallback> claimOne() {
        return Mono.defer(() -> stopped || running.get() >= SLOTS || System.nanoTime() - resumeAt < 0
                        ? Mono.empty()
                        : statements.claim(LEASE, Map.copyOf(byRole), SLOTS_OF_A_ROLE))
                .doOnNext(this::start);
    }

    private void start(DueCallback callback) {
        running.incrementAndGet();
        byRole.merge(callback.role(), 1, Integer::sum);
        calls.start(quietly("callback", call(callback)).doFinally(signal -> {
            running.decrementAndGet();
            byRole.computeIfPresent(callback.role(), (role, held) -> held == 1 ? null : held - 1);
            wake();
        }));
    }

    private Mono<Void> call(DueCallback callback) {
        if (!callback.isAllowed()) {
            return failed(
                    callback,
                    callback.call().isEmpty()
                            ? "there is no such function any more"
                            : "who queued may not execute it any more");
        }
        return sessions.call(callback.call().orElseThrow(), callback.request(), statements::end)
                .doOnSuccess(done -> noSession.set(0))
                .then(Mono.defer(() -> statements.done(callback)))
                .onErrorResume(error -> ended(callback, error));
    }

    private Mono<Void> ended(DueCallback callback, Throwable error) {
        String whole = DatabaseFailure.reason(error);
        String reason = whole.substring(0, Math.min(whole.length(), MAX_REASON));
        if (CallbackSessions.hadNoSession(error)) {
            pause();
        }
        boolean isBlameless = CallbackSessions.isBlameless(error);
        return isBlameless || (DatabaseFailure.passing(error) && callback.attempt() < ATTEMPTS)
                ? again(callback, reason, !isBlameless)
                : failed(callback, reason);
    }

    /** No login is to be had: not each of those that wait tries that in turn. */
    private void pause() {
        Duration pause = growing(noSession.incrementAndGet());
        resumeAt = System.nanoTime() + pause.toNanos();
        wakeAfter(pause);
    }

    private Mono<Void> again(DueCallback callback, String reason, boolean counts) {
        Duration pause = growing(callback.attempt());
        events.emit(new Event.CallbackFailed(callback.request(), callback.function(), reason, Optional.of(pause)));
        return statements.again(callback, reason, pause, counts).doOnSuccess(done -> wakeAfter(pause));
    }

    private void wakeAfter(Duration pause) {
        alarm.update(Mono.delay(pause.plusMillis(10)).subscribe(tick -> wake()));
    }

    /** Twice as long each time, from 2 s on. */
    private static Duration growing(int times) {
        Duration pause = Duration.ofSeconds(1L << Math.min(times, 6));
        return pause.compareTo(MAX_PAUSE) < 0 ? pause : MAX_PAUSE;
    }

    private Mono<Void> failed(DueCallback callback, String reason) {
        events.emit(new Event.CallbackFailed(callback.request(), callback.function(), reason, Optional.empty()));
        return statements.failed(callback, reason);
    }

    private Mono<Void> quietly(String chore, Mono<Void> work) {
        return work.onErrorResume(error -> {
            events.emit(new Event.ChoreFailed(chore, DatabaseFailure.reason(error)));
            return Mono.empty();
        });
    }
}
