package io.pgnetty.http.names;

import io.netty.resolver.HostsFileEntriesProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * Names that are known without DNS: those of the hosts file, which is read again when it changes, and {@code localhost} with all
 * below it, which are this machine whatever anybody says (RFC 6761, section 6.3).
 */
final class HostsFile implements AutoCloseable {

    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private static final byte[] V6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    private static final boolean HAS_V6 = hasV6();

    private final Path file;
    private final Disposable watch;
    private volatile Entries entries;

    private record Entries(Map<String, List<InetAddress>> v4, Map<String, List<InetAddress>> v6) {}

    private @Nullable FileTime read;

    /** Reads it now, and looks every few seconds whether it has changed, until it is closed. */
    HostsFile(Path file) {
        this.file = file;
        this.entries = parse(file);
        this.read = changed(file);
        this.watch = Flux.interval(LOOK_EVERY, Schedulers.boundedElastic())
                .onBackpressureDrop()
                .subscribe(tick -> refresh());
    }

    /** Reads it again where it has changed. */
    void refresh() {
        FileTime now = changed(file);
        if (now != null && !now.equals(read)) {
            read = now;
            entries = parse(file);
        }
    }

    /**
     * The addresses of a name, those of IPv4 first.
     *
     * @return none for a name that DNS is to be asked for
     */
    List<InetAddress> addresses(String host) {
        String name = host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        if (name.equals("localhost") || name.endsWith(".localhost")) {
            return loopback(host);
        }
        Entries now = entries;
        List<InetAddress> found = new ArrayList<>(now.v4.getOrDefault(name, List.of()));
        found.addAll(now.v6.getOrDefault(name, List.of()));
        return found;
    }

    /** Where no interface has the IPv6 one, as in some containers, it is left out. */
    private static List<InetAddress> loopback(String host) {
        try {
            InetAddress v4 = InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1});
            return HAS_V6 ? List.of(v4, InetAddress.getByAddress(host, V6)) : List.of(v4);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean hasV6() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .anyMatch(address -> Arrays.equals(address.getAddress(), V6));
        } catch (SocketException e) {
            return false;
        }
    }

    private static Entries parse(Path file) {
        HostsFileEntriesProvider parsed = HostsFileEntriesProvider.parser().parseSilently(file.toFile());
        return new Entries(parsed.ipv4Entries(), parsed.ipv6Entries());
    }

    private static @Nullable FileTime changed(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public void close() {
        watch.dispose();
    }
}
