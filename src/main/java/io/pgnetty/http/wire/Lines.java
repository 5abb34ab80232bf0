package io.pgnetty.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import org.jspecify.annotations.Nullable;

/** Cuts lines off a buffer: they end with LF, and a CR before it belongs to their end (RFC 9112, section 2.2). */
final class Lines {

    private final int limit;
    private final String excess;
    private int taken;

    /**
     * @param limit bytes of all lines together
     * @param excess what a response has that goes beyond it
     */
    Lines(int limit, String excess) {
        this.limit = limit;
        this.excess = excess;
    }

    /**
     * The next line, without its end; null while it is not there as a whole.
     *
     * @throws InvalidResponseException where the limit does not allow for it
     */
    byte @Nullable [] next(ByteBuf in) {
        int end = in.forEachByte(ByteProcessor.FIND_LF);
        int length = end < 0 ? in.readableBytes() : end + 1 - in.readerIndex();
        if (taken + length > limit) {
            throw new InvalidResponseException(excess);
        }
        if (end < 0) {
            return null;
        }
        taken += length;
        boolean cr = length > 1 && in.getByte(end - 1) == '\r';
        byte[] line = new byte[length - (cr ? 2 : 1)];
        in.readBytes(line).skipBytes(cr ? 2 : 1);
        return line;
    }

    /** Counts from zero again. */
    void reset() {
        taken = 0;
    }
}
