package io.pgnetty.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** One of the addresses of a host, on the way to {@link EgressGuard}, which must know whether another can be tried. */
final class CandidateAddress extends InetSocketAddress {

    private static final long serialVersionUID = 1L;

    private final boolean last;

    /** The URL's host, which only the first connection of a request knows, for all of its addresses. */
    private final transient AtomicReference<String> host;

    private CandidateAddress(InetAddress address, int port, boolean last, AtomicReference<String> host) {
        super(address, port);
        this.last = last;
        this.host = host;
    }

    /**
     * The URL's host as given.
     *
     * @param known what the connection's own context says of it, which is empty for all addresses but the first
     */
    String host(Optional<String> known) {
        known.ifPresent(host::set);
        String given = host.get();
        return given == null ? getHostString() : given;
    }

    /** Whether no other address is left to try. */
    boolean isLast() {
        return last;
    }

    /** Marks the addresses of one host, in the order in which they are tried. */
    static List<SocketAddress> mark(List<? extends SocketAddress> addresses) {
        List<SocketAddress> candidates = new ArrayList<>(addresses.size());
        AtomicReference<String> host = new AtomicReference<>();
        for (int i = 0; i < addresses.size(); i++) {
            boolean last = i == addresses.size() - 1;
            candidates.add(
                    addresses.get(i) instanceof InetSocketAddress inet && inet.getAddress() != null
                            ? new CandidateAddress(inet.getAddress(), inet.getPort(), last, host)
                            : addresses.get(i));
        }
        return candidates;
    }
}
