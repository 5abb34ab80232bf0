package io.pgnetty.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;

/**
 * Keeps what a response costs in memory in proportion to its body: the small chunks of one read go on as one buffer, trailer
 * fields are dropped, and a response with too many header fields, or with much more framing than body, is refused.
 */
final class ResponseBounds extends ChannelInboundHandlerAdapter {

    /** Each field costs a few objects, however short it is. */
    static final int MAX_FIELDS = 1_000;

    /** What one header field takes in memory beside its characters, in bytes. */
    static final int FIELD_BYTES = 128;

    private static final int MERGED = 16 << 10;

    /** Chunks of this size and more go on as they are. */
    private static final int LARGE = 4 << 10;

    /** For head and trailers of at most 64 KiB each, and what was read ahead of a response. */
    private static final long FREE_FRAMING = 256 << 10;

    /** A chunk's size line and its ends take less than this; what is more is extensions. */
    private static final long FRAMING_PER_CHUNK = 16;

    private static final String WIRE_BYTES = "pgnetty.wireBytes";

    private final WireBytes wire;
    private long bodyBytes;
    private long chunks;
    private @Nullable ByteBuf merging;

    private ResponseBounds(WireBytes wire) {
        this.wire = wire;
    }

    /** Puts it behind the codec for one exchange, and its count of bytes before the codec for as long as the connection lives. */
    static void addTo(Connection connection) {
        ChannelPipeline pipeline = connection.channel().pipeline();
        WireBytes wire = (WireBytes) pipeline.get(WIRE_BYTES);
        if (wire == null) {
            wire = new WireBytes();
            pipeline.addBefore(NettyPipeline.HttpCodec, WIRE_BYTES, wire);
        }
        connection.addHandlerLast(new ResponseBounds(wire));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse response) {
            wire.count = 0;
            bodyBytes = 0;
            chunks = 0;
            if (response.headers().size() > MAX_FIELDS) {
                refuse(ctx, message, new ResponseRefusedException("more than " + MAX_FIELDS + " header fields"));
                return;
            }
        }
        if (!(message instanceof HttpContent content)) {
            ctx.fireChannelRead(message);
            return;
        }
        bodyBytes += content.content().readableBytes();
        chunks++;
        if (wire.count - bodyBytes > FREE_FRAMING + FRAMING_PER_CHUNK * chunks + 2 * bodyBytes) {
            refuse(ctx, message, new ResponseRefusedException("much more framing than body"));
        } else if (content instanceof LastHttpContent last) {
            flush(ctx);
            ctx.fireChannelRead(last.trailingHeaders().isEmpty() ? last : new DefaultLastHttpContent(last.content()));
        } else {
            merge(ctx, content);
        }
    }

    private void merge(ChannelHandlerContext ctx, HttpContent content) {
        int size = content.content().readableBytes();
        ByteBuf before = merging;
        if (size >= LARGE || (before != null && before.writableBytes() < size)) {
            flush(ctx);
        }
        if (size >= LARGE) {
            ctx.fireChannelRead(content);
            return;
        }
        ByteBuf into = merging;
        if (into == null) {
            into = ctx.alloc().buffer(MERGED, MERGED);
            merging = into;
        }
        into.writeBytes(content.content());
        content.release();
    }

    private void flush(ChannelHandlerContext ctx) {
        ByteBuf merged = merging;
        merging = null;
        if (merged != null) {
            ctx.fireChannelRead(new DefaultHttpContent(merged));
        }
    }

    private void drop() {
        ReferenceCountUtil.release(merging);
        merging = null;
    }

    private void refuse(ChannelHandlerContext ctx, Object message, ResponseRefusedException reason) {
        drop();
        ReferenceCountUtil.release(message);
        ctx.fireExceptionCaught(reason);
        ctx.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        flush(ctx);
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        flush(ctx);
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        drop();
    }

    /** Counts what comes from the network, after TLS and before the codec. */
    private static final class WireBytes extends ChannelInboundHandlerAdapter {
        private long count;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes) {
                count += bytes.readableBytes();
            }
            ctx.fireChannelRead(message);
        }
    }
}
