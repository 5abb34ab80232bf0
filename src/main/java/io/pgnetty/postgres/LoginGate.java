package io.pgnetty.postgres;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps a login that the server refuses from being tried again and again: each try is a line in its log, and may lock the role. One
 * at a time is tried after a pause that grows from 1 s to 30 s; meanwhile all fail with what the server said. After other failures the pause is a
 * fifth of a second: a standby logs each try as well, and there may be many that want a connection.
 */
final class LoginGate {

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final Duration AWAY = Duration.ofMillis(200);

    private @Nullable Throwable refused;
    private Duration pause = FIRST;
    private long until;
    private boolean trying;
    private @Nullable Throwable away;
    private long awayUntil;

    /** A login through this gate; errors as the login does, or as the one before it did. */
    <C> Mono<C> through(Mono<C> login) {
        return Mono.defer(() -> {
            Throwable closed = enter();
            return closed == null
                    ? login.doOnSuccess(connection -> succeeded())
                            .doOnError(this::failed)
                            .doOnCancel(this::left)
                    : Mono.error(closed);
        });
    }

    private synchronized @Nullable Throwable enter() {
        if (away != null && System.nanoTime() - awayUntil < 0) {
            return away;
        }
        if (refused == null) {
            return null;
        }
        if (trying || System.nanoTime() - until < 0) {
            return refused;
        }
        trying = true;
        return null;
    }

    private synchronized void succeeded() {
        refused = null;
        away = null;
        trying = false;
        pause = FIRST;
    }

    private synchronized void failed(Throwable error) {
        if (DatabaseFailure.loginRefused(error)) {
            // Several may have been under way at the first refusal.
            if (refused == null || trying) {
                pause = refused == null ? FIRST : longer();
                until = System.nanoTime() + pause.toNanos();
            }
            refused = error;
            away = null;
        } else {
            // What was said of the login says nothing about this.
            refused = null;
            away = error;
            awayUntil = System.nanoTime() + AWAY.toNanos();
        }
        trying = false;
    }

    private synchronized void left() {
        trying = false;
    }

    private Duration longer() {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    }
}
