package io.pgnetty.http.wire;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.io.IOException;

/**
 * Leaves the outcome of an exchange to what is read. A target may answer before it has read the request as a whole, and close:
 * then writing fails, while the answer is there to be read. Where there is none, reading fails as well. Needs a channel that
 * does not close itself when writing fails.
 */
@Sharable
public final class WriteFailures extends ChannelOutboundHandlerAdapter {

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ChannelPromise written = ctx.newPromise();
        written.addListener(done -> {
            if (done.isSuccess()
                    || (done.cause() instanceof IOException && ctx.channel().isOpen())) {
                promise.trySuccess();
            } else {
                promise.tryFailure(done.cause());
            }
        });
        ctx.write(message, written);
    }
}
