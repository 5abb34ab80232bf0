package io.pgnetty.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.util.List;

/** Reads one body, as its framing says. */
final class BodyReader {

    private final Framing framing;
    private final BodyMerger merger;
    private final Chunks chunks = new Chunks();
    private long left;

    BodyReader(Framing framing, BodyMerger merger) {
        this.framing = framing;
        this.merger = merger;
        this.left = framing.length();
    }

    /** Reads what is there; says whether that was all. */
    boolean read(ByteBuf in, ByteBufAllocator allocator, List<Object> out) {
        return switch (framing.body()) {
            case NONE -> true;
            case LENGTH -> lengthRead(in, allocator, out);
            case CHUNKS -> chunksRead(in, allocator, out);
            case END_OF_CONNECTION -> {
                merger.take(in, in.readableBytes(), allocator, out);
                yield false;
            }
        };
    }

    /** Whether the body is whole when its connection ends now. */
    boolean endsWithConnection() {
        return framing.body() == Framing.Body.END_OF_CONNECTION
                || (framing.body() == Framing.Body.CHUNKS && chunks.isWhole());
    }

    private boolean lengthRead(ByteBuf in, ByteBufAllocator allocator, List<Object> out) {
        int size = (int) Math.min(left, in.readableBytes());
        if (left == framing.length() && size == left) {
            // Most bodies come at once.
            out.add(new DefaultHttpContent(in.readRetainedSlice(size)));
        } else {
            merger.take(in, size, allocator, out);
        }
        left -= size;
        return left == 0;
    }

    private boolean chunksRead(ByteBuf in, ByteBufAllocator allocator, List<Object> out) {
        for (long next = chunks.read(in); next > 0 && in.isReadable(); next = chunks.read(in)) {
            int size = (int) Math.min(next, in.readableBytes());
            merger.take(in, size, allocator, out);
            chunks.taken(size);
        }
        return chunks.hasEnded();
    }
}
