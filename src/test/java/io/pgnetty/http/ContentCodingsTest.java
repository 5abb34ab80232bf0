package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.zstd.ZstdOutputStream;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome.Failed;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.testing.Queued;
import io.pgnetty.testing.Target;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Bodies that are compressed, alone and over real sockets. */
class ContentCodingsTest {

    private static final byte[] HELLO = "hello, hello, hello, hello".getBytes(StandardCharsets.US_ASCII);

    /** Made by the reference encoder: HELLO. */
    private static final byte[] BROTLI = Base64.getDecoder().decode("GxkA+I2Ubt5ECVKGlmwsbzFPJLDjAA==");

    /** A stream that compresses into another. */
    private interface Coder {
        OutputStream into(OutputStream out) throws IOException;
    }

    private static final Map<String, Coder> CODERS = Map.of(
            "gzip", GZIPOutputStream::new,
            "deflate", DeflaterOutputStream::new,
            "zstd", ZstdOutputStream::new);

    @Property(tries = 200)
    void whatWasCodedIsDecoded(@ForAll @Size(max = 3000) byte[] body) throws IOException {
        for (Map.Entry<String, Coder> coder : CODERS.entrySet()) {
            byte[] coded = coded(coder.getValue(), body);
            assertThat(of(coder.getKey()).decode(coded, 3000)).isEqualTo(body);
        }
        byte[] twice = coded(CODERS.get("gzip"), coded(CODERS.get("deflate"), body));
        assertThat(of("deflate, gzip").decode(twice, 4000)).isEqualTo(body);
    }

    /** Never anything but an error for the whole. */
    @Property(tries = 500)
    void whatCannotBeDecodedSaysSo(@ForAll byte[] body) {
        for (String coding : List.of("gzip", "deflate", "br", "zstd", "br, gzip")) {
            try {
                of(coding).decode(body, 1 << 20);
            } catch (IOException | BodyTooLargeException e) {
                // What a reader knows of.
            }
        }
    }

    @Example
    void spellingsThatServersUse() throws IOException {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(raw, new Deflater(6, true))) {
            out.write(HELLO);
        }
        assertThat(of("deflate").decode(raw.toByteArray(), 100)).isEqualTo(HELLO);
        assertThat(of("X-GZip").decode(coded(CODERS.get("gzip"), HELLO), 100)).isEqualTo(HELLO);
        assertThat(of("br").decode(BROTLI, 100)).isEqualTo(HELLO);
        assertThat(of("identity").isEmpty()).isTrue();
        assertThat(of("utf-8").isEmpty()).isTrue();
        assertThat(of(" , ").isEmpty()).isTrue();
        assertThatThrownBy(() -> of("no-such").decode(HELLO, 100)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> of("gzip,gzip,gzip").decode(HELLO, 100)).isInstanceOf(IOException.class);
    }

    @Example
    void aBombIsTooLargeAlsoWithinAnother() throws IOException {
        byte[] zeros = new byte[20_000_000];
        byte[] bomb = coded(CODERS.get("gzip"), zeros);
        assertThatThrownBy(() -> of("gzip").decode(bomb, 1 << 20)).isInstanceOf(BodyTooLargeException.class);
        byte[] empty = coded(CODERS.get("gzip"), new byte[0]);
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        for (int i = 0; i < 100_000; i++) {
            members.write(empty);
        }
        assertThatThrownBy(() -> of("gzip").decode(members.toByteArray(), 1 << 20))
                .isInstanceOf(IOException.class);
        byte[] nested = coded(CODERS.get("gzip"), bomb);
        assertThatThrownBy(() -> of("gzip, gzip").decode(nested, 1 << 20)).isInstanceOf(BodyTooLargeException.class);
    }

    @Example
    void overTheWire() throws IOException {
        HttpSender sender = Requests.sender("127.0.0.0/8", UnaryOperator.identity());
        try (Target target = new Target()) {
            byte[] gzip = coded(CODERS.get("gzip"), HELLO);
            byte[] large = new byte[1 << 20];
            Arrays.fill(large, (byte) 'x');
            target.respond("/gzip", 200, Map.of("Content-Encoding", "gzip"), gzip);
            target.respond("/large", 200, Map.of("Content-Encoding", "gzip"), coded(CODERS.get("gzip"), large));
            target.respond(
                    "/bomb", 200, Map.of("Content-Encoding", "gzip"), coded(CODERS.get("gzip"), new byte[2 << 20]));
            target.respond("/lie", 200, Map.of("Content-Encoding", "gzip"), HELLO);
            target.respond("/cut", 200, Map.of("Content-Encoding", "gzip"), Arrays.copyOf(gzip, gzip.length - 9));
            target.respond("/empty", 200, Map.of("Content-Encoding", "gzip"), new byte[0]);
            target.raw(
                    "/transfer",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + Integer.toHexString(gzip.length)
                            + "\r\n" + new String(gzip, StandardCharsets.ISO_8859_1) + "\r\n0\r\n\r\n");
            for (String path : List.of("/gzip", "/transfer")) {
                assertThat(responded(sender, target, path).body()).isEqualTo(HELLO);
                assertThat(responded(sender, target, path).coded()).isFalse();
            }
            assertThat(responded(sender, target, "/large").body()).isEqualTo(large);
            assertThat(responded(sender, target, "/lie").body()).isEqualTo(HELLO);
            assertThat(responded(sender, target, "/lie").coded()).isTrue();
            assertThat(responded(sender, target, "/cut").coded()).isTrue();
            assertThat(responded(sender, target, "/empty").body()).isEmpty();
            assertThat(Requests.send(sender, Queued.get(target.url("/bomb"))))
                    .isInstanceOfSatisfying(
                            Failed.class, failed -> assertThat(failed.kind()).isEqualTo(FailureKind.TOO_LARGE));
        } finally {
            sender.close().block(Duration.ofSeconds(5));
        }
    }

    private static Responded responded(HttpSender sender, Target target, String path) {
        return (Responded) Requests.send(sender, Queued.get(target.url(path)));
    }

    private static ContentCodings of(String field) {
        return ContentCodings.of(List.of(new Header("Content-Encoding", field)));
    }

    private static byte[] coded(Coder coder, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = coder.into(bytes)) {
            out.write(body);
        }
        return bytes.toByteArray();
    }
}
