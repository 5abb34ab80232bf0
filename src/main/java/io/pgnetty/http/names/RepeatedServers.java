package io.pgnetty.http.names;

import io.netty.resolver.dns.DnsServerAddressStream;
import java.net.InetSocketAddress;

/** The name servers, several times around: a server whose packet was lost is asked again. */
final class RepeatedServers implements DnsServerAddressStream {

    private final DnsServerAddressStream servers;
    private final int times;

    /** @param servers goes on from the start at its end, as Netty's do */
    RepeatedServers(DnsServerAddressStream servers, int times) {
        this.servers = servers;
        this.times = times;
    }

    @Override
    public InetSocketAddress next() {
        return servers.next();
    }

    @Override
    public int size() {
        return servers.size() * times;
    }

    @Override
    public DnsServerAddressStream duplicate() {
        return new RepeatedServers(servers.duplicate(), times);
    }
}
