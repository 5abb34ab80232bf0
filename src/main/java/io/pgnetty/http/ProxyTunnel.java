package io.pgnetty.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.proxy.HttpProxyHandler;
import io.pgnetty.config.Proxy;
import io.pgnetty.http.secret.SecretStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Connects through an HTTP proxy (CONNECT, RFC 9110, section 9.3.6), for http as for https: to the address that {@link EgressGuard} has
 * checked, so that the proxy resolves nothing; or to the name, where the proxy is trusted to check it.
 */
final class ProxyTunnel {

    private final Proxy proxy;
    private final SecretStore secrets;

    /** @param secrets has the credentials */
    ProxyTunnel(Proxy proxy, SecretStore secrets) {
        this.proxy = proxy;
        this.secrets = secrets;
    }

    /** Puts it between all other handlers of a new channel and the network. */
    void install(Channel channel) {
        channel.pipeline().addFirst(new Opener());
    }

    private record Way(
            InetSocketAddress proxy,
            @Nullable String user,
            @Nullable String password) {}

    /** Looks up a name and reads a file. */
    private Way way() throws IOException {
        InetSocketAddress address = new InetSocketAddress(
                InetAddress.getByName(proxy.address().host()), proxy.address().port());
        String name = proxy.secret();
        if (name == null) {
            return new Way(address, null, null);
        }
        String secret = secrets.value(name)
                .filter(value -> value.indexOf(':') > 0)
                .orElseThrow(() -> new ProxyFailedException("there are no credentials for it"));
        int colon = secret.indexOf(':');
        return new Way(address, secret.substring(0, colon), secret.substring(colon + 1));
    }

    private final class Opener extends ChannelOutboundHandlerAdapter {

        @Override
        public void connect(
                ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            Mono.fromCallable(ProxyTunnel.this::way)
                    .subscribeOn(Schedulers.boundedElastic())
                    .subscribe(
                            way -> ctx.executor().execute(() -> open(ctx, remote, local, promise, way)),
                            error -> ctx.executor().execute(() -> fail(ctx, promise, error)));
        }

        private void open(
                ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local, ChannelPromise promise, Way way) {
            if (ctx.isRemoved() || !ctx.channel().isOpen()) {
                // Given up meanwhile.
                promise.tryFailure(new ClosedChannelException());
                return;
            }
            String user = way.user;
            String password = way.password;
            HttpProxyHandler tunnel = user == null || password == null
                    ? new HttpProxyHandler(way.proxy)
                    : new HttpProxyHandler(way.proxy, user, password);
            ctx.pipeline().addBefore(ctx.name(), null, tunnel);
            ChannelPromise connected = ctx.newPromise();
            connected.addListener(done -> {
                if (connected.isSuccess()) {
                    promise.trySuccess();
                } else {
                    promise.tryFailure(
                            connected.cause() instanceof ProxyFailedException failed
                                    ? failed
                                    : new ProxyFailedException("it cannot be reached"));
                }
            });
            ctx.connect(unnamed(remote), local, connected);
        }

        private void fail(ChannelHandlerContext ctx, ChannelPromise promise, Throwable error) {
            promise.tryFailure(
                    error instanceof ProxyFailedException
                            ? error
                            : new ProxyFailedException("its name cannot be resolved"));
            ctx.close();
        }
    }

    /** An address without the name that it was resolved from: the tunnel would ask for that. */
    private static SocketAddress unnamed(SocketAddress remote) {
        if (!(remote instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return remote;
        }
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(inet.getAddress().getAddress()), inet.getPort());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("the bytes of an address are one", e);
        }
    }
}
