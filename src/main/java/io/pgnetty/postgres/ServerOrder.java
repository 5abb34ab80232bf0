package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseServer;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * In which order the servers of a URL are tried: first the one that was the primary last. One that did not answer at all, as a machine that is frozen
 * or cut off, comes last, and is waited for a second only, but the whole time at each fourth try: whoever has taken its place is not to wait for it.
 */
final class ServerOrder {

    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final int WHOLE = 4;

    private final Map<DatabaseServer, Integer> silent = new ConcurrentHashMap<>();
    private volatile @Nullable DatabaseServer last;

    /** The servers, in the order in which they are to be tried. */
    List<DatabaseServer> of(List<DatabaseServer> servers) {
        return servers.stream()
                .sorted(Comparator.comparing((DatabaseServer server) -> silent.containsKey(server))
                        .thenComparing(server -> !server.equals(last)))
                .toList();
    }

    /** How long a server may take of that time. A server that is the only one has all of it. */
    Duration patience(DatabaseServer server, Duration whole, int servers) {
        int tries = silent.getOrDefault(server, 0);
        boolean isShort = servers > 1 && tries % WHOLE != 0 && whole.compareTo(SHORT) > 0;
        return isShort ? SHORT : whole;
    }

    /** It has answered as it should. */
    void good(DatabaseServer server) {
        silent.remove(server);
        last = server;
    }

    /** It has refused; so it is there. */
    void answered(DatabaseServer server) {
        silent.remove(server);
    }

    /** It did not answer in time. */
    void silent(DatabaseServer server) {
        silent.merge(server, 1, Integer::sum);
    }

    /** The one that was used last does not answer any more. */
    void lastIsSilent() {
        DatabaseServer server = last;
        if (server != null) {
            silent.putIfAbsent(server, 1);
        }
    }
}
