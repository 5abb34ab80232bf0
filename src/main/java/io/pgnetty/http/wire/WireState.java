package io.pgnetty.http.wire;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

/**
 * Whether a connection may be blamed for the failure of an exchange on it. Written on its event loop, and read where the
 * failure is handled.
 */
public final class WireState {

    private static final AttributeKey<WireState> KEY = AttributeKey.valueOf("pgnetty.wireState");

    private volatile int exchanges;
    private volatile boolean answered;
    private volatile boolean refused;

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
     * answer came; or the server says that it did not look at the request.
     */
    public boolean wasStale() {
        return refused || (exchanges > 1 && !answered);
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

    void refused() {
        refused = true;
    }

    void answerBegins() {
        answered = true;
    }
}
