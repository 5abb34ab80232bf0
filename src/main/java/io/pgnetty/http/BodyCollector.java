package io.pgnetty.http;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** Collects a response body up to a limit. */
final class BodyCollector {

    private final long limit;
    private final List<byte[]> parts = new ArrayList<>(1);
    private int length;

    BodyCollector(long limit) {
        this.limit = limit;
    }

    /**
     * Copies one part; the buffer stays its owner's.
     *
     * @throws BodyTooLargeException when the body passes the limit
     */
    BodyCollector add(ByteBuf part) {
        if (length + (long) part.readableBytes() > limit) {
            throw new BodyTooLargeException(limit);
        }
        byte[] bytes = new byte[part.readableBytes()];
        part.readBytes(bytes);
        parts.add(bytes);
        length += bytes.length;
        return this;
    }

    byte[] whole() {
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
