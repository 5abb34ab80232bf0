package io.pgnetty.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.pgnetty.http.wire.Http1Codec;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Responded;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClientResponse;

/** Makes an outcome of a response: its headers as text, and its body within its limit and the memory there is. */
final class ResponseReader {

    /** A redirect's body is of no use; one larger than this costs the connection instead of the time. */
    private static final long MAX_REDIRECT_BODY = 64 << 10;

    private final long limit;

    /** @param limit bytes of a body at most */
    ResponseReader(long limit) {
        this.limit = limit;
    }

    /** Reads a response, within the limits. */
    Mono<Outcome> read(Hop hop, HttpClientResponse response, ByteBufFlux content, ByteBudget.Reservation memory) {
        int status = response.status().code();
        List<Header> headers = new ArrayList<>(response.responseHeaders().size());
        response.responseHeaders().forEach(entry -> headers.add(new Header(entry.getKey(), text(entry.getValue()))));
        if (Hop.isRedirect(status) && Header.first(headers, "location") != null) {
            return new BodyCollector(MAX_REDIRECT_BODY, MAX_REDIRECT_BODY, headBytes(headers), memory)
                    .collect(content)
                    // Nor does it matter where it was cut.
                    .onErrorReturn(new byte[0])
                    // The next hop waits for memory of its own, and must hold none meanwhile.
                    .doOnNext(body -> memory.settle(0))
                    .map(body -> new Responded(status, null, headers, body));
        }
        String length = response.responseHeaders().get(HttpHeaderNames.CONTENT_LENGTH);
        boolean announced =
                length != null && length.matches("[0-9]{1,18}") && !hop.method().equals("HEAD");
        long expected = announced ? Long.parseLong(String.valueOf(length)) : limit;
        if (expected > limit) {
            return Mono.error(new BodyTooLargeException(limit));
        }
        return new BodyCollector(limit, expected, headBytes(headers), memory)
                .collect(content)
                .map(body -> new Responded(status, Header.first(headers, "content-type"), headers, body));
    }

    private static long headBytes(List<Header> headers) {
        return headers.stream()
                .mapToLong(header -> Http1Codec.FIELD_BYTES
                        + header.name().length()
                        + header.value().length())
                .sum();
    }

    /** Netty reads header bytes as Latin-1; most of those beyond ASCII are UTF-8. */
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
