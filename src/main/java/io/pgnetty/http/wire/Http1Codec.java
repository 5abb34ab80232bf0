package io.pgnetty.http.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpClientCodec;
import reactor.netty.NettyPipeline;

/** Takes the place of Netty's codec, which refuses much of what servers send, and does not say why. */
public final class Http1Codec extends CombinedChannelDuplexHandler<ResponseDecoder, RequestEncoder> {

    /** What one header field takes in memory beside its characters, in bytes. */
    public static final int FIELD_BYTES = 128;

    /** What all header fields of a response may take, in bytes. */
    public static final int MAX_HEAD_BYTES = HeadParser.MAX_BYTES;

    private Http1Codec(ResponseDecoder responses) {
        super(responses, new RequestEncoder(responses));
    }

    /** Installs it on a connection that speaks HTTP/1.1, once. */
    public static void install(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(NettyPipeline.HttpCodec) instanceof HttpClientCodec) {
            ResponseDecoder responses = new ResponseDecoder(WireState.of(channel));
            pipeline.replace(NettyPipeline.HttpCodec, NettyPipeline.HttpCodec, new Http1Codec(responses));
        }
    }
}
