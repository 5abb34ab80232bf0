package io.pgnetty.http.names;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.NameResolver;
import io.netty.resolver.dns.DefaultDnsCnameCache;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.DnsServerAddresses;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;

/** Resolves the names of targets. */
public final class Names implements AutoCloseable {

    private static final int CACHED = 10_000;

    /** Of one name: its search domains, aliases, and what was lost. */
    private static final int MAX_QUERIES = 128;

    private final ResolvConf conf;
    private final DnsServerAddressStreamProvider servers;
    private final HostsFile hosts;
    private @Nullable Group group;

    /**
     * As a machine with these files is set up.
     *
     * @param hosts the hosts file
     */
    Names(ResolvConf conf, Path hosts) {
        this.conf = conf;
        this.servers = servers(conf);
        this.hosts = new HostsFile(hosts);
    }

    /** As this machine is set up. */
    public static Names ofSystem() {
        return new Names(ResolvConf.read(Path.of("/etc/resolv.conf")), Path.of("/etc/hosts"));
    }

    private static DnsServerAddressStreamProvider servers(ResolvConf conf) {
        int times = conf.options().attempts();
        if (conf.servers().isEmpty()) {
            DnsServerAddressStreamProvider once = DnsServerAddressStreamProviders.platformDefault();
            return host -> new RepeatedServers(once.nameServerAddressStream(host), times);
        }
        DnsServerAddresses addresses = conf.options().rotate()
                ? DnsServerAddresses.rotational(conf.servers())
                : DnsServerAddresses.sequential(conf.servers());
        return host -> new RepeatedServers(addresses.stream(), times);
    }

    /** Makes a client resolve names by this. */
    public HttpClient usedBy(HttpClient client) {
        return client.resolver(spec -> spec.dnsAddressResolverGroupProvider(this::shared));
    }

    /** One for all clients: with a cache of its own, each would ask again. */
    private synchronized Group shared(DnsNameResolverBuilder builder) {
        Group known = group;
        if (known == null) {
            known = new Group(builder);
            group = known;
        }
        return known;
    }

    @Override
    public synchronized void close() {
        hosts.close();
        Group open = group;
        if (open != null) {
            open.close();
        }
    }

    private final class Group extends DnsAddressResolverGroup {

        Group(DnsNameResolverBuilder builder) {
            super(builder.nameServerProvider(servers)
                    .resolveCache(new BoundedDnsCache(CACHED))
                    .cnameCache(new DefaultDnsCnameCache(0, BoundedDnsCache.MAX_TTL))
                    .queryTimeoutMillis(conf.options().timeout().toMillis())
                    .maxQueriesPerResolve(MAX_QUERIES)
                    .ndots(conf.options().ndots())
                    // It keeps what it read at its start; ours is asked before.
                    .hostsFileEntriesResolver((host, types) -> null)
                    .searchDomains(conf.search()));
        }

        @Override
        protected NameResolver<InetAddress> newNameResolver(
                EventLoop loop,
                ChannelFactory<? extends DatagramChannel> channels,
                DnsServerAddressStreamProvider provider)
                throws Exception {
            return new HostsFirst(loop, super.newNameResolver(loop, channels, provider));
        }
    }

    private final class HostsFirst extends InetNameResolver {
        private final NameResolver<InetAddress> dns;

        HostsFirst(EventLoop loop, NameResolver<InetAddress> dns) {
            super(loop);
            this.dns = dns;
        }

        @Override
        protected void doResolve(String host, Promise<InetAddress> promise) {
            List<InetAddress> known = hosts.addresses(host);
            if (known.isEmpty()) {
                pass(dns.resolve(host), promise);
            } else {
                promise.setSuccess(known.get(0));
            }
        }

        @Override
        protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
            List<InetAddress> known = hosts.addresses(host);
            if (known.isEmpty()) {
                pass(dns.resolveAll(host), promise);
            } else {
                promise.setSuccess(known);
            }
        }

        private static <T> void pass(Future<T> from, Promise<T> to) {
            from.addListener((Future<T> done) -> {
                if (done.isSuccess()) {
                    to.trySuccess(done.getNow());
                } else {
                    to.tryFailure(done.cause());
                }
            });
        }

        @Override
        public void close() {
            dns.close();
        }
    }
}
