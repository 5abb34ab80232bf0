package io.pgnetty.http;

import java.util.ArrayDeque;
import java.util.Deque;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The memory that response bodies may take, over all requests. A small body costs nothing: there are only so many requests. A
 * larger one needs room for all that it may become before it is read any further, and waits for it, first come, first served;
 * so none waits for room while it holds some, and all get through.
 */
public final class ByteBudget {

    /** What every response may have without asking, in bytes. */
    public static final int FREE = 64 << 10;

    private final long total;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long taken;

    /** @param total bytes of all bodies beyond the small ones; one larger body than that gets through alone */
    public ByteBudget(long total) {
        this.total = total;
    }

    private record Waiting(Reservation reservation, long bytes, Sinks.Empty<Void> granted) {}

    /** Opens an account for one request, to be closed when its result is out of memory. */
    public Reservation open() {
        return new Reservation();
    }

    /** What one request has of the budget. */
    public final class Reservation implements AutoCloseable {
        private long bytes;
        private boolean closed;

        private Reservation() {}

        /** Completes when there is room for a body of so many bytes; at once for a small one. */
        Mono<Void> reserve(long wanted) {
            return Mono.defer(() -> {
                synchronized (ByteBudget.this) {
                    if (closed || wanted <= FREE || wanted <= bytes) {
                        return Mono.empty();
                    }
                    if (waiting.isEmpty() && fits(wanted)) {
                        taken += wanted;
                        bytes = wanted;
                        return Mono.empty();
                    }
                    Waiting one = new Waiting(this, wanted, Sinks.empty());
                    waiting.add(one);
                    return one.granted().asMono();
                }
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
            Deque<Sinks.Empty<Void>> granted = new ArrayDeque<>();
            synchronized (ByteBudget.this) {
                closed |= last;
                if (last) {
                    waiting.removeIf(one -> one.reservation() == this);
                }
                if (keep < bytes) {
                    taken -= bytes - keep;
                    bytes = keep;
                }
                while (!waiting.isEmpty() && fits(waiting.getFirst().bytes())) {
                    Waiting next = waiting.removeFirst();
                    taken += next.bytes();
                    next.reservation().bytes = next.bytes();
                    granted.add(next.granted());
                }
            }
            granted.forEach(Sinks.Empty::tryEmitEmpty);
        }

        private boolean fits(long wanted) {
            return taken == 0 || taken + wanted <= total;
        }
    }
}
