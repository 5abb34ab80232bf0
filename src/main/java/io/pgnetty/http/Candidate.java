package io.pgnetty.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/** One of the addresses of a host, on the way to {@link EgressGuard}, which must know whether another can be tried. */
final class Candidate extends InetSocketAddress {

    private static final long serialVersionUID = 1L;

    private final boolean last;

    private Candidate(InetAddress address, int port, boolean last) {
        super(address, port);
        this.last = last;
    }

    /** Whether no other address is left to try. */
    boolean isLast() {
        return last;
    }

    /** Marks the addresses of one host, in the order in which they are tried. */
    static List<SocketAddress> mark(List<? extends SocketAddress> addresses) {
        List<SocketAddress> candidates = new ArrayList<>(addresses.size());
        for (int i = 0; i < addresses.size(); i++) {
            boolean last = i == addresses.size() - 1;
            candidates.add(
                    addresses.get(i) instanceof InetSocketAddress inet && inet.getAddress() != null
                            ? new Candidate(inet.getAddress(), inet.getPort(), last)
                            : addresses.get(i));
        }
        return candidates;
    }
}
