package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseServer;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * In which order the servers of a URL are tried: first the one that was the primary last. One that did not answer at all, as a machine that is frozen
 * or cut off, comes last, and one login at a time waits for it, with a pause after each: whoever has taken its place is not to wait for it, and if
 * it is only slow it is found again.
 */
final class ServerOrder {

    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final LongSupplier nanos;
    private final Map<DatabaseServer, Silence> silent = new HashMap<>();
    private @Nullable DatabaseServer last;

    /** @param until when it may be tried again; a login that waits for it now has set it to its own end */
    private record Silence(long until) {}

    /** By the system's clock. */
    ServerOrder() {
        this(System::nanoTime);
    }

    /** @param nanos the time */
    ServerOrder(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** The servers, in the order in which they are to be tried. */
    synchronized List<DatabaseServer> of(List<DatabaseServer> servers) {
        return servers.stream()
                .sorted(Comparator.comparing((DatabaseServer server) -> silent.containsKey(server))
                        .thenComparing(server -> !server.equals(last)))
                .toList();
    }

    /**
     * Whether a login may be tried there now; where it may, no other is while this one lasts.
     *
     * @param patience how long it takes at most
     */
    synchronized boolean begin(DatabaseServer server, Duration patience) {
        Silence silence = silent.get(server);
        if (silence == null) {
            return true;
        }
        long now = nanos.getAsLong();
        if (now - silence.until < 0) {
            return false;
        }
        silent.put(server, new Silence(now + patience.toNanos()));
        return true;
    }

    /** It has answered as it should. */
    synchronized void good(DatabaseServer server) {
        silent.remove(server);
        last = server;
    }

    /** It has refused; so it is there. */
    synchronized void answered(DatabaseServer server) {
        silent.remove(server);
    }

    /** A login there was not answered. */
    synchronized void silent(DatabaseServer server) {
        silent.put(server, new Silence(nanos.getAsLong() + PAUSE.toNanos()));
    }

    /** A session there is not answered any more; a login may find out more at once. */
    synchronized void suspect(DatabaseServer server) {
        silent.putIfAbsent(server, new Silence(nanos.getAsLong()));
    }

    /** The server of the last login that succeeded. */
    synchronized Optional<DatabaseServer> last() {
        return Optional.ofNullable(last);
    }
}
