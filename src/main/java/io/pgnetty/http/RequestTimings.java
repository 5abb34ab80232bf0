package io.pgnetty.http;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import reactor.netty.Connection;
import reactor.netty.ReactorNetty;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * When a request passed from one phase to the next, for the text of a time-out. Written on event loops, read when time is
 * up. A phase that a pooled connection spares takes no time; after a redirect the last hop counts.
 */
final class RequestTimings {

    private final long started = System.nanoTime();
    private volatile long hop = started;
    private volatile long resolving;
    private volatile long resolved;
    private volatile long requested;

    /** The phases of the request for which a connection is being opened. */
    static Optional<RequestTimings> of(Connection connection) {
        ContextView context = ReactorNetty.getChannelContext(connection.channel());
        return context == null ? Optional.empty() : context.getOrEmpty(RequestTimings.class);
    }

    /** Puts these into a request's context, from where its connection gets them. */
    Context into(Context context) {
        return context.put(RequestTimings.class, this);
    }

    void hopStarts() {
        hop = System.nanoTime();
        resolving = 0;
        resolved = 0;
        requested = 0;
    }

    /** How long the last hop has taken until now. */
    Duration sinceHop() {
        return Duration.ofNanos(System.nanoTime() - hop);
    }

    /** As if the name were still being looked up: how long that took is not to be told. */
    void stillResolving() {
        resolving = hop;
        resolved = 0;
        requested = 0;
    }

    void resolving() {
        resolving = System.nanoTime();
    }

    void resolved() {
        resolved = System.nanoTime();
    }

    void requested() {
        requested = System.nanoTime();
    }

    /** The text that pg_net's users know, in milliseconds. */
    String timeout(long timeoutMillis) {
        long now = System.nanoTime();
        long resolveEnd = resolved != 0 ? resolved : resolving != 0 ? now : started;
        long dns = resolving == 0 ? 0 : resolveEnd - resolving;
        long handshake = resolving != 0 && resolved == 0 ? 0 : (requested != 0 ? requested : now) - resolveEnd;
        long http = requested == 0 ? 0 : now - requested;
        return String.format(
                Locale.ROOT,
                "Timeout of %d ms reached. Total time: %.1f ms (DNS time: %.1f ms, TCP/SSL handshake time: %.1f ms, "
                        + "HTTP Request/Response time: %.1f ms)",
                timeoutMillis,
                (now - started) / 1e6,
                dns / 1e6,
                handshake / 1e6,
                http / 1e6);
    }
}
