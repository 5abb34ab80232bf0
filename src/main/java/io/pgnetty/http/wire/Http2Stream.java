package io.pgnetty.http.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;

/**
 * Watches one stream of a connection that speaks HTTP/2: whether a byte of an answer came, and whether the server says that it did
 * not look at the request (RFC 9113, section 8.7): with REFUSED_STREAM, or with a GOAWAY that does not count this stream.
 */
public final class Http2Stream extends ChannelInboundHandlerAdapter {

    /** For 256 streams that are not read on, in bytes. */
    private static final int WINDOW = 16 << 20;

    private static final String NAME = "pgnetty.http2Stream";

    private final WireState state;
    private int interim;

    private Http2Stream(WireState state) {
        this.state = state;
    }

    /** Installs it, if this is a stream; before the request is written. */
    public static void install(Channel channel) {
        Channel connection = channel.parent();
        if (connection != null && channel.pipeline().get(NAME) == null) {
            WireState own = WireState.of(channel);
            own.streamBegins(WireState.of(connection));
            channel.pipeline().addFirst(NAME, new Http2Stream(own));
        }
    }

    /**
     * Widens what a connection that speaks HTTP/2 may send beyond what was read: one stream that is not read on, as its response
     * waits for memory, must not hold up the others.
     */
    public static void widen(Channel channel) {
        Http2FrameCodec codec = channel.pipeline().get(Http2FrameCodec.class);
        if (codec != null) {
            Http2Connection connection = codec.connection();
            try {
                connection.local().flowController().incrementWindowSize(connection.connectionStream(), WINDOW);
            } catch (Http2Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        state.answerBegins();
        if (!(message instanceof Http2HeadersFrame headers) || !isInterim(headers)) {
            ctx.fireChannelRead(message);
        } else if (++interim > ResponseDecoder.MAX_INTERIM) {
            ctx.fireExceptionCaught(InvalidResponseException.tooManyInterim(ResponseDecoder.MAX_INTERIM));
            ctx.close();
        } else {
            ctx.read();
        }
    }

    /** Interim responses are dropped, as with HTTP/1.1: the client library would take any but 100 for the answer itself. */
    private static boolean isInterim(Http2HeadersFrame headers) {
        CharSequence status = headers.headers().status();
        return status != null && status.length() == 3 && status.charAt(0) == '1';
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // Of a GOAWAY only those streams are told that it does not count.
        if (event instanceof Http2GoAwayFrame
                || (event instanceof Http2ResetFrame reset && reset.errorCode() == Http2Error.REFUSED_STREAM.code())) {
            state.refused();
        } else if (event instanceof Http2ResetFrame reset && reset.errorCode() == Http2Error.HTTP_1_1_REQUIRED.code()) {
            state.http1Required();
        } else if (event instanceof Http2ResetFrame) {
            state.answerBegins();
        }
        ctx.fireUserEventTriggered(event);
    }

    /** Of an answer that cannot be read, say. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        state.answerBegins();
        ctx.fireExceptionCaught(
                cause instanceof Http2Exception ? InvalidResponseException.unreadable("HTTP/2", cause) : cause);
    }
}
