package io.pgnetty.http.egress;

import io.pgnetty.config.Config;
import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.HostName;
import io.pgnetty.config.HostPort;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * The bridge's own database and its own ports: whoever queues is never let to them, whatever the operator allows, as a request would come from
 * where they trust. Names are looked up again from time to time.
 */
public final class OwnPlaces implements AutoCloseable {

    /** Where the bridge has nothing. */
    public static final OwnPlaces NONE = new OwnPlaces(List.of());

    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);

    /** Of names that lead to another address each time. */
    private static final int MOST = 256;

    private final List<HostPort> places;
    private final Disposable watch;
    private volatile List<Address> addresses = List.of();

    private record Address(InetAddress address, int port, boolean isLocal) {}

    private OwnPlaces(List<HostPort> places) {
        this.places = places;
        this.watch = places.isEmpty()
                ? () -> {}
                : Flux.interval(LOOK_EVERY, Schedulers.boundedElastic())
                        .onBackpressureDrop()
                        .subscribe(tick -> refresh());
    }

    /**
     * Looks up no name yet.
     *
     * @param places a port of 0 is none
     */
    static OwnPlaces of(List<HostPort> places) {
        return new OwnPlaces(places.stream()
                .filter(place -> place.port() > 0)
                .map(place -> new HostPort(name(place.host()), place.port()))
                .toList());
    }

    /** Of a bridge: the servers of its database, and the addresses that it listens on. */
    public static OwnPlaces of(Config config) {
        List<HostPort> places = new ArrayList<>();
        for (DatabaseUrl url : Stream.of(
                        config.database().url(), config.database().listenUrl(), config.callbackUrl())
                .filter(Objects::nonNull)
                .toList()) {
            url.servers()
                    .forEach(server -> places.add(
                            new HostPort(server.isUnixSocket() ? "localhost" : server.host(), server.port())));
        }
        places.add(config.admin().address());
        HostPort probes = config.admin().probes();
        if (probes != null) {
            places.add(probes);
        }
        return of(places);
    }

    private static String name(String host) {
        return HostName.canonical(host.indexOf(':') >= 0 ? "[" + host + "]" : host)
                .map(name -> name.startsWith("[") ? name.substring(1, name.length() - 1) : name)
                .orElseGet(() -> host.toLowerCase(Locale.ROOT));
    }

    /** Looks all names up. What they have led to before stays denied: a server that is no longer the primary may still be there. Blocks. */
    public void refresh() {
        Set<Address> found = new LinkedHashSet<>();
        for (HostPort place : places) {
            for (InetAddress address : addresses(place.host())) {
                found.add(new Address(address, place.port(), isOfThisMachine(address)));
            }
        }
        found.addAll(addresses);
        addresses = found.stream().limit(MOST).toList();
    }

    private static InetAddress[] addresses(String host) {
        try {
            return InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            // The name itself is refused all the same.
            return new InetAddress[0];
        }
    }

    /** Whether a name and port are one of these. */
    boolean names(String name, int port) {
        return places.stream()
                .anyMatch(place -> place.port() == port && place.host().equals(name));
    }

    /** Whether an address and port are one of these; on this machine each of its addresses may lead there. */
    boolean contains(InetAddress address, int port) {
        return addresses.stream()
                .anyMatch(own -> own.port == port
                        && (Arrays.equals(own.address.getAddress(), address.getAddress())
                                || (own.isLocal && isOfThisMachine(address))));
    }

    private static boolean isOfThisMachine(InetAddress address) {
        if (address.isLoopbackAddress() || address.isAnyLocalAddress()) {
            return true;
        }
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            // Not to be found out: rather refused than let through.
            return true;
        }
    }

    @Override
    public void close() {
        watch.dispose();
    }
}
