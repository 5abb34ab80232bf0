package io.pgnetty.http.names;

import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerResponseFeedbackAddressStream;
import java.net.InetSocketAddress;

/** The name servers, several times around as long as none answers: a server whose packet was lost is asked again. */
final class RepeatedServers implements DnsServerResponseFeedbackAddressStream {

    private final DnsServerAddressStream servers;
    private final int times;
    private volatile boolean answered;

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
        return answered ? servers.size() : servers.size() * times;
    }

    @Override
    public void feedbackSuccess(InetSocketAddress address, long queryResponseTimeNanos) {
        answered = true;
    }

    @Override
    public void feedbackFailure(InetSocketAddress address, Throwable failure, long queryResponseTimeNanos) {
        // It may have been lost.
    }

    @Override
    public RepeatedServers duplicate() {
        return new RepeatedServers(servers.duplicate(), times);
    }
}
