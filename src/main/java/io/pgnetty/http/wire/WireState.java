package io.pgnetty.http.wire;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection may be blamed for the failure of an exchange on it. Written on its event loop, and read where the
 * failure is handled.
 */
public final class WireState {

    private static final AttributeKey<WireState> KEY = AttributeKey.valueOf("pgnetty.wireState");

    private volatile int exchanges;
    private volatile boolean answered;
    private volatile boolean refused;
    private volatile boolean http1Required;

    /** What came of answers on a connection of HTTP/2, over all its streams. */
    private volatile int answers;

    /** Of a stream: its connection, and what had come there before it. */
    private volatile @Nullable WireState connection;

    private volatile int answersBefore;

    WireState() {}

    /** The state of a connection. */
    public static WireState of(Channel channel) {
        WireState state = channel.attr(KEY).get();
        if (state == null) {
            state = new WireState();
            WireState other = channel.attr(KEY).setIfAbsent(state);
            return other == null ? state : other;
        }
        return state;
    }

    /**
     * Whether the exchange failed because the connection had ended before it: the connection had been used, and no byte of an
     * answer came, to another stream either.
     */
    public boolean wasStale() {
        WireState shared = connection;
        boolean silent = shared == null ? exchanges > 1 : answersBefore > 0 && shared.answers == answersBefore;
        return silent && !answered;
    }

    /** Whether the server says that it did not look at the request. */
    public boolean isRefused() {
        return refused;
    }

    /** Whether the server says that it wants the request over HTTP/1.1, and did not look at it. */
    public boolean isHttp1Required() {
        return http1Required;
    }

    void http1Required() {
        http1Required = true;
        refused = true;
    }

    /** Whether this is one stream of a connection that speaks HTTP/2. */
    public boolean isStream() {
        return connection != null;
    }

    /** Whether nothing was asked for yet. */
    boolean isFresh() {
        return exchanges == 0;
    }

    /** Whether it has been used before the exchange that is under way. */
    boolean isReused() {
        return exchanges > 1;
    }

    boolean isAnswered() {
        return answered;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes.
    void exchangeBegins() {
        answered = false;
        exchanges++;
    }

    /** An exchange begins on a stream of a connection. */
    void streamBegins(WireState shared) {
        answersBefore = shared.answers;
        connection = shared;
        exchangeBegins();
    }

    void refused() {
        refused = true;
    }

    @SuppressWarnings(
            "NonAtomicVolatileUpdate") // One thread writes, as all streams of a connection have its event loop.
    void answerBegins() {
        answered = true;
        WireState shared = connection;
        if (shared != null) {
            shared.answers++;
        }
    }
}
