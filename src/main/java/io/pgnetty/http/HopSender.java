package io.pgnetty.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;
import io.pgnetty.http.wire.Http2Stream;
import io.pgnetty.http.wire.WireState;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import io.pgnetty.request.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.client.HttpClient;
import reactor.util.retry.Retry;

/**
 * Sends one hop and reads its response. A connection that is used again may have been closed by its target meanwhile; what
 * happens to it then says nothing about the request, which is sent once more, on a fresh connection.
 */
final class HopSender {

    /** How often a request is sent again at most, as the connection had ended before it. */
    private static final int MAX_STALE = 3;

    /** How often at most where the server says that it did not look at it: a proxy that is reloaded may say so for a second. */
    private static final int MAX_REFUSED = 9;

    /** Until a connection that ended before a request was written on it is out of the pool. */
    private static final Duration A_MOMENT = Duration.ofMillis(20);

    private final HttpClients clients;
    private final ResponseReader responses;
    private final Events events;

    HopSender(HttpClients clients, ResponseReader responses, Events events) {
        this.clients = clients;
        this.responses = responses;
        this.events = events;
    }

    /**
     * The request that a hop belongs to.
     *
     * @param mayGoOn asked when a connection is there and nothing is written yet; when it says no, nothing is sent
     * @param memory what the response may take
     * @param begun whether anything of it may have been written, to any host
     */
    record Sent(
            Event.Subject subject,
            BooleanSupplier mayGoOn,
            ByteBudget.Reservation memory,
            RequestTimings phases,
            AtomicBoolean begun) {

        /** Whether nothing of it was written to anybody. */
        boolean isUnsent() {
            return !begun.get();
        }
    }

    /** How far one exchange came: on which connection, and whether its response has begun. */
    private static final class Progress {
        private volatile @Nullable WireState wire;
        private volatile @Nullable Channel channel;
        private volatile boolean responded;

        boolean isOverHttp2() {
            WireState on = wire;
            return on != null && on.isStream();
        }

        /** A connection of HTTP/2 that has ended may still be in the pool: it is closed here, before it is used again. */
        Mono<Void> connectionEnds() {
            Channel stream = channel;
            Channel connection = stream == null ? null : stream.parent();
            return connection == null
                    ? Mono.delay(A_MOMENT).then()
                    : Mono.<Void>create(sink -> connection.close().addListener(closed -> sink.success()))
                            // Where it is alive after all, its other streams go on.
                            .timeout(A_MOMENT.multipliedBy(5), Mono.empty());
        }

        boolean isHttp1Required() {
            WireState on = wire;
            return on != null && on.isHttp1Required();
        }

        /** Whether the server has certainly not looked at the request. */
        boolean isUnseen(Throwable error) {
            WireState on = wire;
            // Aborted: the connection was closed before the request was written at all.
            return !responded && (on == null ? error instanceof AbortedException : on.isRefused());
        }

        /** Whether the connection had ended before the request, by all that can be seen of it. */
        boolean isStale() {
            WireState on = wire;
            return !responded && on != null && on.wasStale() && !on.isRefused();
        }
    }

    /** The response; errors with what the client library and {@link EgressGuard} error with. */
    Mono<Outcome> send(Hop hop, Sent request) {
        return Mono.defer(() -> exchange(hop, request, 0));
    }

    /**
     * Once, on a connection of the pool, and again where that was not the request's failure.
     *
     * @param before how often that was so
     */
    private Mono<Outcome> exchange(Hop hop, Sent request, int before) {
        Progress progress = new Progress();
        HttpClient pooled = clients.of(hop.target()).pooled();
        // A connection takes no more requests as it ends, or for now; the request's deadline bounds how long that is
        // waited for.
        Retry untilThereIsRoom = Retry.backoff(Long.MAX_VALUE, A_MOMENT)
                .maxBackoff(Duration.ofSeconds(1))
                .filter(error -> hasNoRoom(error) && request.mayGoOn().getAsBoolean());
        return exchange(pooled, hop, request, progress)
                .retryWhen(untilThereIsRoom)
                .onErrorResume(error -> {
                    int most = progress.isUnseen(error) ? MAX_REFUSED : progress.isStale() ? MAX_STALE : 0;
                    if (before >= most || !request.mayGoOn().getAsBoolean()) {
                        return Mono.error(error);
                    }
                    return told(request).then(pause(before)).then(again(hop, request, before + 1, progress));
                });
    }

    /** What the client library says of a connection of HTTP/2 that cannot have another stream. */
    private static boolean hasNoRoom(Throwable error) {
        return error.getClass() == IOException.class
                && String.valueOf(error.getMessage()).contains("Max active streams is reached");
    }

    /** None at first; then 20 ms, and twice as long each time. */
    private static Mono<Void> pause(int before) {
        return before < MAX_STALE
                ? Mono.empty()
                : Mono.delay(A_MOMENT.multipliedBy(1L << (before - MAX_STALE))).then();
    }

    private Mono<Outcome> again(Hop hop, Sent request, int before, Progress failed) {
        HttpClient fresh = clients.of(hop.target()).fresh();
        WireState on = failed.wire;
        if (on != null && (!on.isStream() || failed.isHttp1Required())) {
            // The pool has many connections of HTTP/1.1, and the next may have ended as well.
            return exchange(fresh, hop, request, new Progress());
        }
        // Of HTTP/2 it has mostly one for a host. Where the server has only refused a request, it goes on.
        return on != null && on.isRefused()
                ? exchange(hop, request, before)
                : failed.connectionEnds().then(exchange(hop, request, before));
    }

    private Mono<Void> told(Sent request) {
        return Mono.fromRunnable(() -> events.emit(new Event.ConnectionRetried(request.subject(), Instant.now())));
    }

    private Mono<Outcome> exchange(HttpClient client, Hop hop, Sent request, Progress progress) {
        RequestTimings phases = request.phases();
        phases.hopStarts();
        HttpClient.RequestSender sender = client.doOnRequest((given, connection) -> {
                    Http2Stream.install(connection.channel());
                    progress.wire = WireState.of(connection.channel());
                    progress.channel = connection.channel();
                    if (!request.mayGoOn().getAsBoolean()) {
                        connection.dispose();
                    }
                    request.begun().set(true);
                    phases.requested();
                })
                .headers(headers -> RequestHeaders.fill(headers, hop))
                .request(HttpMethod.valueOf(hop.method()))
                .uri(hop.target().url());
        byte[] body = hop.body();
        HttpClient.ResponseReceiver<?> receiver =
                body == null ? sender : sender.send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body)));
        return receiver.response((response, content) -> {
                    progress.responded = true;
                    return responses.read(hop, response, progress.isOverHttp2(), content, request.memory());
                })
                .next()
                // Else the client library forgets one whose response begins as it is cancelled, with what it has read.
                .doOnDiscard(Connection.class, Connection::dispose)
                .contextWrite(context ->
                        phases.into(context).put(TargetUrl.class, hop.target().withPathAndQuery("/")));
    }
}
