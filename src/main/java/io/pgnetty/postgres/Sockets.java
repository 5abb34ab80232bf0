package io.pgnetty.postgres;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.pgnetty.config.DatabaseSession.Keepalive;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * Event loops whose sockets do not stay open behind a server that is gone: the driver has no option for that. Unacknowledged
 * data ends a connection after a while (RFC 5482), and so does a peer that never says a first byte.
 */
final class Sockets implements LoopResources {

    /** For all: the driver keeps each that it is given. */
    private static final LoopResources LOOPS = LoopResources.create("pgnetty-postgres", 2, true);

    private static final Map<Keepalive, Sockets> BY_KEEPALIVE = new ConcurrentHashMap<>();
    private static final int FIRST_BYTE_SECONDS = 15;

    private final LoopResources loops;
    private final Keepalive keepalive;

    private Sockets(LoopResources loops, Keepalive keepalive) {
        this.loops = loops;
        this.keepalive = keepalive;
    }

    /** The event loops with sockets like that. */
    static Sockets with(Keepalive keepalive) {
        return BY_KEEPALIVE.computeIfAbsent(keepalive, given -> new Sockets(LOOPS, given));
    }

    @Override
    public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
        C channel = loops.onChannel(type, group);
        if (channel instanceof EpollSocketChannel) {
            channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, keepalive.userTimeoutMillis());
            channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, keepalive.idleSeconds());
            channel.config().setOption(EpollChannelOption.TCP_KEEPINTVL, keepalive.intervalSeconds());
            channel.config().setOption(EpollChannelOption.TCP_KEEPCNT, keepalive.count());
        }
        if (channel instanceof SocketChannel) {
            channel.pipeline().addFirst(new FirstByte());
        }
        return channel;
    }

    @Override
    public <C extends Channel> Class<? extends C> onChannelClass(Class<C> type, EventLoopGroup group) {
        return loops.onChannelClass(type, group);
    }

    @Override
    public EventLoopGroup onClient(boolean useNative) {
        return loops.onClient(useNative);
    }

    @Override
    public EventLoopGroup onServer(boolean useNative) {
        return loops.onServer(useNative);
    }

    @Override
    public EventLoopGroup onServerSelect(boolean useNative) {
        return loops.onServerSelect(useNative);
    }

    @Override
    public boolean daemon() {
        return loops.daemon();
    }

    @Override
    public Mono<Void> disposeLater() {
        return loops.disposeLater();
    }

    /** Closes a connection that was accepted by something which then says nothing; leaves with the first byte. */
    private static final class FirstByte extends ChannelInboundHandlerAdapter {

        private boolean heard;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            Future<?> limit = ctx.executor()
                    .schedule(
                            () -> {
                                if (!heard) {
                                    ctx.close();
                                }
                            },
                            FIRST_BYTE_SECONDS,
                            TimeUnit.SECONDS);
            ctx.channel().closeFuture().addListener(closed -> limit.cancel(false));
            ctx.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            heard = true;
            ctx.pipeline().remove(this);
            ctx.fireChannelRead(message);
        }
    }
}
