package io.pgnetty.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import io.pgnetty.http.wire.Http1Codec;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Responded;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClientResponse;

/** Makes an outcome of a response: its headers as text, and its body without its codings, within its limit and the memory there is. */
final class ResponseReader {

    /** The body of a redirect is of no use, and what comes with 204, 304 or for HEAD is none; one larger than this costs the connection instead of the time. */
    private static final long MAX_REDIRECT_BODY = 64 << 10;

    private static final List<CharSequence> OF_HTTP2 = Stream.of(ExtensionHeaderNames.values())
            .<CharSequence>map(ExtensionHeaderNames::text)
            .toList();

    private final long limit;

    /** @param limit bytes of a body at most */
    ResponseReader(long limit) {
        this.limit = limit;
    }

    private record Head(int status, List<Header> headers) {

        @Nullable
        String contentType() {
            return Header.first(headers, "content-type");
        }

        /** What it takes in memory. */
        long bytes() {
            return headers.stream()
                    .mapToLong(header -> Http1Codec.FIELD_BYTES
                            + header.name().length()
                            + header.value().length())
                    .sum();
        }
    }

    /**
     * Reads a response, within the limits.
     *
     * @param overHttp2 when Netty has added fields, for what HTTP/1.1 says with fields and HTTP/2 otherwise
     */
    Mono<Outcome> read(
            Hop hop,
            HttpClientResponse response,
            boolean overHttp2,
            ByteBufFlux content,
            ByteBudget.Reservation memory) {
        HttpHeaders fields = response.responseHeaders();
        if (overHttp2) {
            fields.remove(HttpHeaderNames.TRANSFER_ENCODING);
            OF_HTTP2.forEach(fields::remove);
        }
        Head head = new Head(response.status().code(), new ArrayList<>(fields.size()));
        String location = fields.get(HttpHeaderNames.LOCATION);
        boolean redirect = Hop.isRedirect(head.status()) && location != null && !location.isBlank();
        fields.forEach(field -> head.headers()
                .add(new Header(
                        field.getKey(),
                        redirect && HttpHeaderNames.LOCATION.contentEqualsIgnoreCase(field.getKey())
                                ? encoded(field.getValue())
                                : text(field.getValue()))));
        boolean framed =
                fields.contains(HttpHeaderNames.CONTENT_LENGTH) || fields.contains(HttpHeaderNames.TRANSFER_ENCODING);
        if (redirect && !framed && !overHttp2) {
            // Its body ends with the connection, which may be long: that is closed instead.
            return Mono.just(new Responded(head.status(), null, head.headers(), new byte[0]));
        }
        boolean empty = hop.method().equals("HEAD") || head.status() == 204 || head.status() == 304;
        if (redirect || empty) {
            return withoutBody(head, content, memory);
        }
        long expected = fields.contains(HttpHeaderNames.TRANSFER_ENCODING) ? limit : announced(fields);
        return expected > limit
                ? Mono.error(new BodyTooLargeException(limit))
                : withBody(head, expected, content, memory);
    }

    private long announced(HttpHeaders fields) {
        String length = fields.get(HttpHeaderNames.CONTENT_LENGTH);
        return length != null && length.matches("[0-9]{1,18}")
                ? Long.parseLong(length)
                : length != null && length.matches("0*[1-9][0-9]{18,}") ? Long.MAX_VALUE : limit;
    }

    private static Mono<Outcome> withoutBody(Head head, ByteBufFlux content, ByteBudget.Reservation memory) {
        return new BodyCollector(MAX_REDIRECT_BODY, MAX_REDIRECT_BODY, head.bytes(), 0, memory)
                .collect(content)
                // Nor does it matter where it was cut.
                .onErrorReturn(new byte[0])
                // The next hop waits for memory of its own, and must hold none meanwhile.
                .doOnNext(body -> memory.settle(0))
                .map(body -> new Responded(head.status(), head.contentType(), head.headers(), new byte[0]));
    }

    private Mono<Outcome> withBody(Head head, long expected, ByteBufFlux content, ByteBudget.Reservation memory) {
        ContentCodings codings = ContentCodings.of(head.headers());
        if (codings.isEmpty()) {
            return new BodyCollector(limit, expected, head.bytes(), 0, memory)
                    .collect(content)
                    .map(body -> responded(head, body, false));
        }
        return new BodyCollector(limit, expected, head.bytes(), limit + codings.memory(), memory)
                .collect(content)
                .flatMap(body -> plain(codings, body, head, memory)
                        .doOnNext(plain -> memory.settle(plain.length + head.bytes()))
                        .map(plain -> responded(head, plain, false))
                        .onErrorResume(IOException.class, error -> Mono.just(responded(head, body, true))));
    }

    private static Outcome responded(Head head, byte[] body, boolean coded) {
        return new Responded(head.status(), head.contentType(), head.headers(), body, coded);
    }

    /** A small body has no memory reserved; what becomes of it may be small, too. */
    private Mono<byte[]> plain(ContentCodings codings, byte[] body, Head head, ByteBudget.Reservation memory) {
        if (body.length == 0) {
            return Mono.just(body);
        }
        long free = ByteBudget.FREE / 2;
        long held = body.length + head.bytes();
        if (codings.memory() > 0 && held <= free) {
            return memory.reserve(limit + codings.memory() + held).then(decoded(codings, body, limit));
        }
        return held > free || limit <= free
                ? decoded(codings, body, limit)
                : decoded(codings, body, free)
                        .onErrorResume(
                                BodyTooLargeException.class,
                                more -> memory.reserve(limit + held).then(decoded(codings, body, limit)));
    }

    /** On another thread, as it may take a while. */
    private static Mono<byte[]> decoded(ContentCodings codings, byte[] body, long limit) {
        return Mono.fromCallable(() -> codings.decode(body, limit)).subscribeOn(Schedulers.parallel());
    }

    /** The bytes of a location are sent on as they came, in whatever encoding (RFC 3986, section 2.1). */
    private static String encoded(String latin1) {
        StringBuilder ascii = new StringBuilder(latin1.length());
        latin1.chars().forEach(c -> ascii.append(c < 128 ? String.valueOf((char) c) : String.format("%%%02X", c)));
        return ascii.toString();
    }

    /** Header bytes come as Latin-1; most of those beyond ASCII are UTF-8. */
    private static String text(String latin1) {
        if (latin1.chars().allMatch(c -> c < 128)) {
            return latin1;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(latin1.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException e) {
            return latin1;
        }
    }
}
