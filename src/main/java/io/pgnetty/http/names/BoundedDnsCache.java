package io.pgnetty.http.names;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DefaultDnsCache;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps answers for as long as they are valid, and at most for a short while; drops all where there are too many of them. */
final class BoundedDnsCache implements DnsCache {

    /** A change of DNS is seen within this time, in seconds, however long its old answer was valid. */
    static final int MAX_TTL = 30;

    /** So long is it remembered that there is no such name, in seconds. */
    static final int NEGATIVE_TTL = 2;

    private final DnsCache cache = new DefaultDnsCache(0, MAX_TTL, NEGATIVE_TTL);
    private final AtomicInteger added = new AtomicInteger();
    private final int limit;

    /** @param limit answers at most */
    BoundedDnsCache(int limit) {
        this.limit = limit;
    }

    @Override
    public void clear() {
        added.set(0);
        cache.clear();
    }

    @Override
    public boolean clear(String hostname) {
        return cache.clear(hostname);
    }

    @Override
    public List<? extends DnsCacheEntry> get(String hostname, DnsRecord[] additionals) {
        return cache.get(hostname, additionals);
    }

    @Override
    public DnsCacheEntry cache(
            String hostname, DnsRecord[] additionals, InetAddress address, long originalTtl, EventLoop loop) {
        makeRoom();
        return cache.cache(hostname, additionals, address, originalTtl, loop);
    }

    @Override
    public DnsCacheEntry cache(String hostname, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
        makeRoom();
        return cache.cache(hostname, additionals, cause, loop);
    }

    /** Counts those that have expired as well: it is dropped too early at most. */
    private void makeRoom() {
        if (added.incrementAndGet() > limit) {
            clear();
        }
    }
}
