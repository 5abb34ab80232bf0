package io.pgnetty.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/**
 * Drops interim answers such as 103 Early Hints, which come before the answer and are none (RFC 9110, section 15.2):
 * Reactor Netty would take any but 100 for the answer itself.
 */
final class InformationalResponses extends ChannelInboundHandlerAdapter {

    private boolean dropping;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse response) {
            boolean interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                    && response.decoderResult().isSuccess();
            if (interim && response.status().code() == 101) {
                ReferenceCountUtil.release(message);
                ctx.fireExceptionCaught(new DecoderException("switches protocols without having been asked to"));
                ctx.close();
                return;
            }
            dropping = interim;
        }
        if (!dropping) {
            ctx.fireChannelRead(message);
            return;
        }
        if (message instanceof LastHttpContent) {
            dropping = false;
            ctx.read();
        }
        ReferenceCountUtil.release(message);
    }
}
