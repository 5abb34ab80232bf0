package io.pgnetty.postgres;

import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Waits for a login for a time. It is never cancelled: the driver would leave its session open at the server, for ever. One that succeeds after
 * all is closed then; one that never ends ends with its socket.
 */
final class Patience {

    private Patience() {}

    /**
     * The connection, or an error after that time, or none where nobody waits for it any more.
     *
     * @param tooLate the error
     */
    static <C extends Connection> Mono<C> with(Mono<C> login, Duration limit, Supplier<Throwable> tooLate) {
        return Mono.create(sink -> {
            AtomicBoolean ended = new AtomicBoolean();
            Disposable timer = Schedulers.parallel()
                    .schedule(
                            () -> {
                                if (ended.compareAndSet(false, true)) {
                                    sink.error(tooLate.get());
                                }
                            },
                            limit.toMillis(),
                            TimeUnit.MILLISECONDS);
            sink.onDispose(() -> {
                ended.set(true);
                timer.dispose();
            });
            login.subscribe(
                    connection -> {
                        if (ended.compareAndSet(false, true)) {
                            sink.success(connection);
                        } else {
                            Sessions.close(connection).subscribe();
                        }
                    },
                    error -> {
                        if (ended.compareAndSet(false, true)) {
                            sink.error(error);
                        }
                    });
        });
    }
}
