package io.pgnetty.admin;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.netty.NettyPipeline;

/**
 * Limits what clients can cost the admin servers: the number of connections at once, and how long each may take to send the head of a request.
 * Probes and scrapers need a few, for milliseconds.
 */
final class ConnectionLimits {

    private static final int MAX_CONNECTIONS = 128;
    private static final int HEAD_SECONDS = 10;
    private static final int IDLE_SECONDS = 75;

    private final AtomicInteger connections = new AtomicInteger();

    /** Watches a connection that was just accepted, or closes it where there are too many. */
    void watch(Channel channel) {
        if (connections.incrementAndGet() > MAX_CONNECTIONS) {
            connections.decrementAndGet();
            channel.close();
            return;
        }
        channel.closeFuture().addListener(closed -> connections.decrementAndGet());
        HeadDeadline deadline = new HeadDeadline();
        channel.pipeline()
                .addBefore(NettyPipeline.HttpCodec, "pgnetty.firstByte", deadline.new FirstByte())
                .addAfter(NettyPipeline.HttpCodec, "pgnetty.headDeadline", deadline);
    }

    /** Closes a connection whose request has no head within the time from its first byte on, or that is idle for too long. */
    private static final class HeadDeadline extends ChannelInboundHandlerAdapter {

        private Future<?> deadline = ImmediateEventExecutor.INSTANCE.newSucceededFuture(null);
        private boolean reading = true;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            restart(ctx, HEAD_SECONDS);
            ctx.channel().closeFuture().addListener(closed -> deadline.cancel(false));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof HttpRequest) {
                reading = false;
                restart(ctx, IDLE_SECONDS);
            }
            ctx.fireChannelRead(message);
        }

        private void restart(ChannelHandlerContext ctx, int seconds) {
            deadline.cancel(false);
            deadline = ctx.executor().schedule(() -> ctx.close(), seconds, TimeUnit.SECONDS);
        }

        /** Before the codec. */
        private final class FirstByte extends ChannelInboundHandlerAdapter {

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                if (!reading) {
                    reading = true;
                    restart(ctx, HEAD_SECONDS);
                }
                ctx.fireChannelRead(message);
            }
        }
    }
}
