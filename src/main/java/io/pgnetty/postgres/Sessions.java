package io.pgnetty.postgres;

import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The connections that a pool has made, itself: what ends one of them fails its statement at once. */
final class Sessions {

    /** The farewell may never get through to a server that is gone. */
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final Set<Connection> open = Collections.newSetFromMap(new WeakHashMap<>());

    /** Notes the connection that comes of it. */
    Mono<Connection> keep(Mono<? extends Connection> login) {
        return login.<Connection>map(connection -> connection).doOnNext(connection -> {
            synchronized (open) {
                open.add(connection);
            }
        });
    }

    /** Closes all of them; the pool finds that when it takes one. */
    Mono<Void> closeAll() {
        return Flux.defer(() -> Flux.fromIterable(taken()))
                .flatMap(Sessions::close, Integer.MAX_VALUE)
                .then();
    }

    /** Closes one, in a moment; never errors. */
    static Mono<Void> close(Connection session) {
        return Mono.from(session.close()).timeout(FAREWELL).onErrorComplete();
    }

    private List<Connection> taken() {
        synchronized (open) {
            List<Connection> all = List.copyOf(open);
            open.clear();
            return all;
        }
    }
}
