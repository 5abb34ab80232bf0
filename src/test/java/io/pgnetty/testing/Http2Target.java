package io.pgnetty.testing;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/** A server that speaks HTTP/2 over TLS, frame by frame, as a script says. */
public final class Http2Target implements AutoCloseable {

    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final Script script;
    private final Channel server;

    /** What happens when the head of a request is there. */
    @FunctionalInterface
    public interface Script {
        void onRequest(Exchange exchange);
    }

    public Http2Target(TlsServer tls, Script script) {
        this(tls, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), script);
    }

    public Http2Target(TlsServer tls, InetSocketAddress address, Script script) {
        this.script = script;
        try {
            SslContext context = SslContextBuilder.forServer(tls.key(), tls.certificate())
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            "h2"))
                    .build();
            server = new ServerBootstrap()
                    .group(loop)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline()
                                    .addLast(context.newHandler(channel.alloc()))
                                    .addLast(Http2FrameCodecBuilder.forServer()
                                            .validateHeaders(false)
                                            .build())
                                    .addLast(new Requests(connections.incrementAndGet()));
                        }
                    })
                    .bind(address)
                    .sync()
                    .channel();
        } catch (SSLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    public String url(String path) {
        return "https://127.0.0.1:" + port() + path;
    }

    public int connections() {
        return connections.get();
    }

    /** Heads that came, over all connections. */
    public int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /**
     * A request, and what to do with it.
     *
     * @param connection from 1
     * @param number of the request on its connection, from 1
     */
    public record Exchange(
            ChannelHandlerContext ctx, Http2FrameStream stream, String path, int connection, int number) {

        /** Answers with 200 and a text. */
        public void respond(String body) {
            head(new DefaultHttp2Headers(false).status("200"), false);
            data(body, true);
        }

        public void head(Http2Headers headers, boolean last) {
            ctx.writeAndFlush(new DefaultHttp2HeadersFrame(headers, last).stream(stream));
        }

        public void data(String body, boolean last) {
            ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(body, StandardCharsets.UTF_8), last)
                    .stream(stream));
        }

        public void reset(Http2Error error) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(error).stream(stream));
        }

        /** Says that the first streams were the last that it looks at. */
        public void goAwayAfter(int streams) {
            ctx.pipeline()
                    .get(Http2FrameCodec.class)
                    .encoder()
                    .writeGoAway(
                            ctx.pipeline().context(Http2FrameCodec.class),
                            2 * streams - 1,
                            Http2Error.NO_ERROR.code(),
                            Unpooled.EMPTY_BUFFER,
                            ctx.newPromise());
            ctx.flush();
        }

        /** Ends the connection. */
        public void end() {
            ctx.close();
        }
    }

    private final class Requests extends ChannelInboundHandlerAdapter {
        private final int connection;
        private int number;

        Requests(int connection) {
            this.connection = connection;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            try {
                if (message instanceof Http2HeadersFrame headers) {
                    requests.incrementAndGet();
                    script.onRequest(new Exchange(
                            ctx,
                            headers.stream(),
                            String.valueOf(headers.headers().path()),
                            connection,
                            ++number));
                } else if (message instanceof Http2DataFrame) {
                    // The window is not opened again: a script that reads bodies does so.
                    return;
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
