package io.pgnetty.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;

/** The decoder alone, with bytes that come as they like. */
@Tag("quick")
class Http1CodecTest {

    private static final String OK = "HTTP/1.1 200 OK\r\n";

    /** What came out of it. */
    private record Read(String status, String fields, String body, boolean ended, String error, boolean reusable) {}

    @Property(tries = 300)
    void piecesChangeNothing(
            @ForAll @Size(max = 400) byte[] body, @ForAll @IntRange(min = 1, max = 40) int most, @ForAll long seed) {
        for (byte[] wire : new byte[][] {
            message("Content-Length: " + body.length + "\r\n", body), chunked(body, most, new Random(seed)),
        }) {
            Read whole = read(wire, wire.length, seed);
            assertThat(whole.ended()).isTrue();
            assertThat(whole.reusable()).isTrue();
            assertThat(whole.body()).isEqualTo(ByteBufUtil.hexDump(body));
            assertThat(read(wire, most, seed)).isEqualTo(whole);
        }
    }

    /** In the same read or in the next one: they are no part of the message, and end the connection. */
    @Property(tries = 300)
    void bytesBeyondAMessageAreDropped(
            @ForAll @Size(max = 50) byte[] body, @ForAll @Size(min = 1, max = 50) byte[] surplus, @ForAll long seed) {
        byte[] message = message("Content-Length: " + body.length + "\r\n", body);
        byte[] wire = concat(message, surplus);
        for (int most : new int[] {wire.length, message.length, 7}) {
            Read read = read(wire, most, seed);
            assertThat(read.body()).isEqualTo(ByteBufUtil.hexDump(body));
            assertThat(read.ended()).isTrue();
            assertThat(read.reusable()).isFalse();
            assertThat(read.error()).isEmpty();
        }
    }

    /** Whatever a server sends as a field: the response is there, with nothing in it that cannot be stored. */
    @Property(tries = 1_000)
    void oddFieldsCostNoResponse(@ForAll @Size(max = 60) byte[] field, @ForAll long seed) {
        String line =
                new String(field, StandardCharsets.ISO_8859_1).replace("\n", "").replaceFirst("^[ \t]+", "");
        if (line.isEmpty()
                || line.equals("\r")
                || line.toLowerCase(java.util.Locale.ROOT).matches("(?s)(content-length|transfer-encoding)[ \t]*:.*")) {
            return;
        }
        Read read = read(message(line + "\r\nContent-Length: 2\r\n", new byte[] {'o', 'k'}), 1_000, seed);
        assertThat(read.error()).isEmpty();
        assertThat(read.body()).isEqualTo("6f6b");
        assertThat(read.fields()).doesNotContainPattern("[\\x00-\\x08\\x0b-\\x1f\\x7f]");
    }

    /** Bytes that mean nothing: a reason, and no exception of another kind; never an endless loop. */
    @Property(tries = 1_000)
    void anyBytesAreReadOrRefused(@ForAll @Size(max = 200) byte[] wire, @ForAll boolean headed, @ForAll long seed) {
        Read read = read(
                headed
                        ? concat(
                                (OK + "Transfer-Encoding: chunked\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1), wire)
                        : wire,
                9,
                seed);
        assertThat(read.error()).matches("(?s)|is not valid HTTP: .*|switches protocols.*|has .*|comes .*");
    }

    @Example
    void anInterimResponseIsNoResponse() {
        byte[] wire = ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK
                        + "Content-Length: 0\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(read(wire, 5, 1).status()).isEqualTo("200 OK");
        byte[] many = ("HTTP/1.1 102 Processing\r\n\r\n".repeat(101)).getBytes(StandardCharsets.ISO_8859_1);
        assertThat(read(many, 1_000, 1).error()).isEqualTo("comes after more than 100 interim ones");
    }

    private static Read read(byte[] wire, int most, long seed) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast(NettyPipeline.HttpCodec, new HttpClientCodec());
        Http1Codec.install(channel);
        channel.writeOutbound(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
        String error = "";
        Random random = new Random(seed);
        for (int at = 0; at < wire.length && channel.isOpen(); ) {
            int size = Math.min(wire.length - at, most == wire.length ? most : 1 + random.nextInt(most));
            try {
                channel.writeInbound(Unpooled.copiedBuffer(wire, at, size));
            } catch (RuntimeException e) {
                error = String.valueOf(e.getMessage());
            }
            at += size;
        }
        Read read = drained(channel, error);
        channel.finishAndReleaseAll();
        return read;
    }

    private static Read drained(EmbeddedChannel channel, String error) {
        String status = "";
        StringBuilder fields = new StringBuilder();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean ended = false;
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            if (message instanceof HttpResponse response) {
                status = response.status().toString();
                response.headers().forEach(field -> fields.append(field).append('\n'));
            }
            if (message instanceof HttpContent content) {
                body.writeBytes(ByteBufUtil.getBytes(content.content()));
            }
            ended |= message instanceof LastHttpContent;
            ReferenceCountUtil.release(message);
        }
        channel.releaseOutbound();
        boolean reusable = channel.isOpen() && Connection.from(channel).isPersistent();
        return new Read(status, fields.toString(), ByteBufUtil.hexDump(body.toByteArray()), ended, error, reusable);
    }

    private static byte[] message(String fields, byte[] body) {
        return concat((OK + fields + "\r\n").getBytes(StandardCharsets.ISO_8859_1), body);
    }

    private static byte[] chunked(byte[] body, int most, Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes((OK + "Transfer-Encoding: chunked\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        for (int at = 0; at < body.length; ) {
            int size = Math.min(body.length - at, 1 + random.nextInt(most));
            out.writeBytes((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            out.write(body, at, size);
            out.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
            at += size;
        }
        out.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        return out.toByteArray();
    }

    private static byte[] concat(byte[] a, byte[] b) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(a);
        out.writeBytes(b);
        return out.toByteArray();
    }
}
