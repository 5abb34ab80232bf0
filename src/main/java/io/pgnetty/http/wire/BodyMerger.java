package io.pgnetty.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts the small parts of a body that are read together into one buffer, so that their number costs no memory. */
final class BodyMerger {

    private static final int MERGED = 16 << 10;

    /** Parts of this size and more go on as they are. */
    private static final int LARGE = 4 << 10;

    private @Nullable ByteBuf merging;

    /** Takes bytes of a body from a buffer; what is ready goes to the list. */
    void take(ByteBuf in, int size, ByteBufAllocator allocator, List<Object> out) {
        ByteBuf before = merging;
        if (size >= LARGE || (before != null && before.writableBytes() < size)) {
            flush(out);
        }
        if (size >= LARGE) {
            out.add(new DefaultHttpContent(in.readRetainedSlice(size)));
            return;
        }
        ByteBuf into = merging;
        if (into == null) {
            into = allocator.buffer(MERGED, MERGED);
            merging = into;
        }
        into.writeBytes(in, size);
    }

    /** Gives what there is. */
    void flush(List<Object> out) {
        HttpContent merged = takeMerged();
        if (merged != null) {
            out.add(merged);
        }
    }

    /** What there is, or null. */
    @Nullable
    HttpContent takeMerged() {
        ByteBuf merged = merging;
        merging = null;
        return merged == null ? null : new DefaultHttpContent(merged);
    }

    /** Drops what there is. */
    void drop() {
        ReferenceCountUtil.release(merging);
        merging = null;
    }
}
