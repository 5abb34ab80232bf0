package io.pgnetty.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The memory that response bodies may take, over all requests. A small body is not counted: the number of requests is limited. A
 * larger one needs room for all that it may become before it is read any further, and waits for it, first come, first served;
 * so none waits for room while it holds some, and all get through.
 *
 * <p>A host that has some memory gets more only if at least as much as it then has stays free. So a host that takes hours to send its
 * bodies has half of the memory at most, two such hosts a third each, and a host that has none finds some free.
 */
public final class ByteBudget {

    /** What every response may have without asking, in bytes. */
    public static final int FREE = 64 << 10;

    private final long total;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final Map<String, Long> takenByHost = new HashMap<>();
    private long taken;

    /** @param total bytes of all bodies beyond the small ones; one larger body than that gets through alone */
    public ByteBudget(long total) {
        this.total = total;
    }

    private record Waiting(Reservation reservation, long bytes, Sinks.Empty<Void> granted) {}

    /** Opens an account for one request to a host, to be closed when its result is out of memory. */
    public Reservation open(String host) {
        return new Reservation(host);
    }

    /** Guarded by this. */
    private boolean fits(long wanted) {
        return taken == 0 || taken + wanted <= total;
    }

    /** Whether the host may have as much more as it wants, as far as the others leave room. Guarded by this. */
    private boolean isFair(String host, long wanted) {
        long own = takenByHost.getOrDefault(host, 0L);
        return own == 0 || own + wanted <= total - (taken + wanted);
    }

    /** Guarded by this. */
    private void take(Reservation reservation, long bytes) {
        reservation.bytes += bytes;
        taken += bytes;
        takenByHost.merge(reservation.host, bytes, (a, b) -> a + b == 0 ? null : a + b);
    }

    /** Those that may have their room now. One that its own host keeps waiting holds up nobody else. Guarded by this. */
    private List<Sinks.Empty<Void>> grant() {
        List<Sinks.Empty<Void>> granted = new ArrayList<>();
        Iterator<Waiting> all = waiting.iterator();
        while (all.hasNext()) {
            Waiting next = all.next();
            if (isFair(next.reservation().host, next.bytes())) {
                if (!fits(next.bytes())) {
                    break;
                }
                all.remove();
                take(next.reservation(), next.bytes() - next.reservation().bytes);
                granted.add(next.granted());
            }
        }
        return granted;
    }

    /** What one request has of the budget. */
    public final class Reservation implements AutoCloseable {
        private final String host;
        private long bytes;
        private boolean closed;

        private Reservation(String host) {
            this.host = host;
        }

        /** Completes when there is room for a body of this length; at once for a small one. */
        Mono<Void> reserve(long wanted) {
            return Mono.defer(() -> {
                Waiting one;
                List<Sinks.Empty<Void>> granted;
                synchronized (ByteBudget.this) {
                    if (closed || wanted <= FREE || wanted <= bytes) {
                        return Mono.empty();
                    }
                    one = new Waiting(this, wanted, Sinks.empty());
                    waiting.add(one);
                    granted = grant();
                }
                granted.forEach(Sinks.Empty::tryEmitEmpty);
                return one.granted().asMono();
            });
        }

        /** The body is there: it takes no more than this. */
        void settle(long actual) {
            give(actual <= FREE ? 0 : actual, false);
        }

        /** Gives all back, and waits for nothing any more. */
        @Override
        public void close() {
            give(0, true);
        }

        private void give(long keep, boolean last) {
            List<Sinks.Empty<Void>> granted;
            synchronized (ByteBudget.this) {
                closed |= last;
                if (last) {
                    waiting.removeIf(one -> one.reservation() == this);
                }
                if (keep < bytes) {
                    take(this, keep - bytes);
                }
                granted = grant();
            }
            granted.forEach(Sinks.Empty::tryEmitEmpty);
        }
    }
}
