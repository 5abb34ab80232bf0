package io.pgnetty.testing;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Names with the addresses that they have at the first look, at the second, and so on: a stand-in for DNS alone. */
public final class NameTable extends AddressResolverGroup<InetSocketAddress> {

    private final Map<String, List<List<InetAddress>>> answers = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> looks = new ConcurrentHashMap<>();

    /** What each look at a name gives; the last again and again. */
    @SafeVarargs
    public final NameTable put(String name, List<InetAddress>... inTurn) {
        answers.put(name, List.of(inTurn));
        return this;
    }

    public int looks(String name) {
        return looks.getOrDefault(name, new AtomicInteger()).get();
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new InetNameResolver(executor) {
            @Override
            protected void doResolve(String host, Promise<InetAddress> promise) {
                List<InetAddress> found = next(host);
                if (found.isEmpty()) {
                    promise.setFailure(new UnknownHostException(host));
                } else {
                    promise.setSuccess(found.get(0));
                }
            }

            @Override
            protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
                List<InetAddress> found = next(host);
                if (found.isEmpty()) {
                    promise.setFailure(new UnknownHostException(host));
                } else {
                    promise.setSuccess(found);
                }
            }
        }.asAddressResolver();
    }

    private List<InetAddress> next(String host) {
        List<List<InetAddress>> all = answers.getOrDefault(host, List.of(List.of()));
        int look = looks.computeIfAbsent(host, name -> new AtomicInteger()).getAndIncrement();
        return all.get(Math.min(look, all.size() - 1));
    }
}
