package io.pgnetty.http.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Drops the warning {@code unrecognized_name} that some servers send before their first message: it changes nothing (RFC 6066,
 * section 3), but the JDK takes it for a failure. Stands before TLS, and leaves with the first byte of anything else.
 */
public final class UnrecognizedName extends ByteToMessageDecoder {

    private static final int ALERT = 21;
    private static final int WARNING = 1;
    private static final int UNRECOGNIZED_NAME = 112;

    /** Type, version (2), length (2), level, description. */
    private static final int LENGTH = 7;

    private static final int MAX = 4;

    private int dropped;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int at = in.readerIndex();
        if (in.getUnsignedByte(at) == ALERT && dropped < MAX) {
            if (in.readableBytes() < LENGTH) {
                return;
            }
            if (in.getUnsignedShort(at + 3) == 2
                    && in.getUnsignedByte(at + 5) == WARNING
                    && in.getUnsignedByte(at + 6) == UNRECOGNIZED_NAME) {
                in.skipBytes(LENGTH);
                dropped++;
                return;
            }
        }
        ctx.pipeline().remove(this);
    }
}
