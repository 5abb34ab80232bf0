package io.pgnetty.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import java.util.Map;

/** Writes requests as most servers have seen them: {@code Host} first (RFC 9110, section 7.2), names in their usual spelling. */
final class RequestEncoder extends HttpRequestEncoder {

    /** Those that the client library adds in lower case. */
    private static final Map<String, String> SPELLING =
            Map.of("host", "Host", "content-length", "Content-Length", "accept", "Accept");

    private final ResponseDecoder responses;

    RequestEncoder(ResponseDecoder responses) {
        this.responses = responses;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        ChannelPromise given = promise.unvoid();
        if (message instanceof LastHttpContent) {
            given.addListener(done -> responses.written());
        }
        super.write(ctx, message, given);
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, Object message, List<Object> out) throws Exception {
        if (message instanceof HttpRequest request) {
            responses.asked(ctx, request.method().name());
        }
        super.encode(ctx, message, out);
    }

    @Override
    protected void encodeHeaders(HttpHeaders headers, ByteBuf buffer) {
        HttpHeaders ordered =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        headers.getAll("host").forEach(value -> ordered.add("Host", value));
        headers.iteratorCharSequence().forEachRemaining(field -> {
            String name = field.getKey().toString();
            if (!name.equalsIgnoreCase("host")) {
                ordered.add(SPELLING.getOrDefault(name, name), field.getValue());
            }
        });
        super.encodeHeaders(ordered, buffer);
    }
}
