package io.pgnetty.http;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Collects a response body up to a limit. When it turns out to be no small one it waits for memory, and the target with it. */
final class BodyCollector {

    private final long limit;
    private final long expected;
    private final ByteBudget.Reservation memory;
    private final List<byte[]> parts = new ArrayList<>(1);
    private int length;

    /** @param expected how long it may become, as far as is known: its announced length, or the limit */
    BodyCollector(long limit, long expected, ByteBudget.Reservation memory) {
        this.limit = limit;
        this.expected = expected;
        this.memory = memory;
    }

    /** The whole body; errors with {@link BodyTooLargeException}. */
    Mono<byte[]> collect(Flux<ByteBuf> content) {
        return content.concatMap(this::add, 1).then(Mono.fromSupplier(() -> {
            memory.settle(length);
            return whole();
        }));
    }

    /** Copies one part, as the buffer stays its owner's; completes when the next may be read. */
    private Mono<Void> add(ByteBuf part) {
        if (length + (long) part.readableBytes() > limit) {
            return Mono.error(new BodyTooLargeException(limit));
        }
        byte[] bytes = new byte[part.readableBytes()];
        part.readBytes(bytes);
        parts.add(bytes);
        length += bytes.length;
        return length > ByteBudget.FREE / 2 ? memory.reserve(expected) : Mono.empty();
    }

    private byte[] whole() {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }
}
