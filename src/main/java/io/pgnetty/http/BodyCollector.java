package io.pgnetty.http;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Collects a response body up to a limit, in pieces whose number grows with the logarithm of the body's length, however small
 * the chunks are in which it comes. A body that turns out not to be small waits for memory, and the target waits with it.
 */
final class BodyCollector {

    private static final int FIRST_PIECE = 4 << 10;
    private static final int LARGEST_PIECE = 256 << 10;

    private final long limit;
    private final long expected;
    private final long beside;
    private final long later;
    private final ByteBudget.Reservation memory;
    private final List<byte[]> pieces = new ArrayList<>(1);
    private byte[] piece = new byte[0];
    private int filled;
    private long length;

    /**
     * @param limit of the body, in bytes
     * @param expected how long it may become, as far as is known: its announced length, or the limit
     * @param beside what the response's header fields take in memory beside it
     * @param later what more it will take as soon as the body is there: who waits for memory must hold none
     */
    BodyCollector(long limit, long expected, long beside, long later, ByteBudget.Reservation memory) {
        this.limit = limit;
        this.expected = expected;
        this.beside = beside;
        this.later = later;
        this.memory = memory;
    }

    /** The whole body; errors with {@link BodyTooLargeException}. */
    Mono<byte[]> collect(Flux<ByteBuf> content) {
        // Netty reuses a buffer when onNext returns: so it is copied there, and only its length goes on to
        // a
        // step that may wait for memory.
        return content.map(this::copy)
                .concatMap(this::room, 1)
                .then(Mono.defer(this::last))
                .then(Mono.fromSupplier(() -> {
                    memory.settle(length + beside + later);
                    return whole();
                }));
    }

    /** Gives the length so far. */
    private long copy(ByteBuf part) {
        if (length + part.readableBytes() > limit) {
            throw new BodyTooLargeException(limit);
        }
        while (part.isReadable()) {
            if (filled == piece.length) {
                nextPiece(part.readableBytes());
            }
            int count = Math.min(part.readableBytes(), piece.length - filled);
            part.readBytes(piece, filled, count);
            filled += count;
            length += count;
        }
        return length;
    }

    /** As large as all before it, so that less than half of the memory is empty; a body that comes at once takes one piece. */
    private void nextPiece(int wanted) {
        long size = Math.min(Math.max(Math.max(length, FIRST_PIECE), wanted), LARGEST_PIECE);
        piece = new byte[(int) Math.min(size, Math.max(expected - length, wanted))];
        pieces.add(piece);
        filled = 0;
    }

    /** Completes when the next part may be read. */
    private Mono<Void> room(long lengthSoFar) {
        return lengthSoFar + beside > ByteBudget.FREE / 2
                ? memory.reserve((lengthSoFar > expected ? limit : expected) + beside + later)
                : Mono.empty();
    }

    /** In how many pieces the body is. */
    int pieceCount() {
        return pieces.size();
    }

    /** A large head needs room without a body, too. */
    private Mono<Void> last() {
        return length + beside > ByteBudget.FREE / 2 ? memory.reserve(length + beside + later) : Mono.empty();
    }

    private byte[] whole() {
        if (pieces.size() == 1 && filled == piece.length) {
            return piece;
        }
        byte[] whole = new byte[Math.toIntExact(length)];
        int at = 0;
        for (byte[] one : pieces) {
            int count = Math.min(one.length, whole.length - at);
            System.arraycopy(one, 0, whole, at, count);
            at += count;
        }
        return whole;
    }
}
