package io.pgnetty.testing;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** Resolves every name to the same addresses, until they move: a stand-in for DNS alone. */
public final class FixedResolver extends AddressResolverGroup<InetSocketAddress> {

    private volatile List<InetAddress> addresses;

    public FixedResolver(List<InetAddress> addresses) {
        this.addresses = addresses;
    }

    public void move(List<InetAddress> to) {
        addresses = to;
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new InetNameResolver(executor) {
            @Override
            protected void doResolve(String host, Promise<InetAddress> promise) {
                promise.setSuccess(addresses.get(0));
            }

            @Override
            protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
                promise.setSuccess(addresses);
            }
        }.asAddressResolver();
    }
}
