package io.pgnetty.http.wire;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How the body of a response is delimited (RFC 9112, section 6.3). What a recipient may accept is accepted; what could be
 * read in two ways is refused.
 *
 * @param body what its end is told by
 * @param length of the body, in bytes; 0 unless the end is told by it
 * @param reusable whether the connection may serve another request: the framing leaves no doubt
 */
record Framing(Body body, long length, boolean reusable) {

    /** The codings that a body may have beneath its chunks; it is decoded with the content codings. */
    private static final Set<String> CODINGS = Set.of("gzip", "x-gzip", "deflate");

    /** What tells the end of a body. */
    enum Body {
        NONE,
        LENGTH,
        CHUNKS,
        END_OF_CONNECTION
    }

    /**
     * Decides.
     *
     * @param method the method of the request
     * @throws InvalidResponseException where it is ambiguous
     */
    static Framing of(HttpResponse head, String method) {
        int status = head.status().code();
        HttpHeaders headers = head.headers();
        if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
            return new Framing(Body.NONE, 0, true);
        }
        List<String> codings = CodingNames.of(headers.getAll(HttpHeaderNames.TRANSFER_ENCODING).stream());
        if (!codings.isEmpty()) {
            return ofCodings(codings, head);
        }
        Framing framing = ofLengths(headers);
        // Words that are no coding are as if they were not there; who writes them may not mean the length either.
        return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
                ? new Framing(framing.body(), framing.length(), false)
                : framing;
    }

    /** Chunks win over a length, but who sends both may not mean it, and the connection ends with the response. */
    private static Framing ofCodings(List<String> codings, HttpResponse head) {
        List<String> rest = new ArrayList<>(codings);
        // Doubled by a proxy that took a chunked body and named the coding once more.
        boolean chunked = rest.get(rest.size() - 1).equals("chunked");
        while (!rest.isEmpty() && rest.get(rest.size() - 1).equals("chunked")) {
            rest.remove(rest.size() - 1);
        }
        if (!CODINGS.containsAll(rest)) {
            throw InvalidResponseException.breaking("its transfer coding is not one that can be read", line(codings));
        }
        boolean clear = !head.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                && head.protocolVersion().equals(HttpVersion.HTTP_1_1);
        return chunked ? new Framing(Body.CHUNKS, 0, clear) : new Framing(Body.END_OF_CONNECTION, 0, false);
    }

    private static Framing ofLengths(HttpHeaders headers) {
        List<String> lengths = values(headers, HttpHeaderNames.CONTENT_LENGTH);
        if (lengths.isEmpty()) {
            return new Framing(Body.END_OF_CONNECTION, 0, false);
        }
        if (!lengths.stream().allMatch(one -> one.matches("[0-9]+"))) {
            throw InvalidResponseException.breaking("its Content-Length is not a number of bytes", line(lengths));
        }
        List<Long> different = lengths.stream().map(Framing::length).distinct().toList();
        if (different.size() > 1) {
            throw InvalidResponseException.breaking("it has more than one Content-Length", line(lengths));
        }
        long length = different.get(0);
        return new Framing(length == 0 ? Body.NONE : Body.LENGTH, length, true);
    }

    /** What no memory could hold is more than any limit. */
    private static long length(String digits) {
        String significant = digits.replaceFirst("^0+", "");
        return significant.isEmpty() ? 0 : significant.length() > 18 ? Long.MAX_VALUE : Long.parseLong(significant);
    }

    /** The elements of all fields of a name; a field without any is one, which is empty. */
    private static List<String> values(HttpHeaders headers, CharSequence name) {
        List<String> values = new ArrayList<>(1);
        for (String field : headers.getAll(name)) {
            for (String element : field.split(",", -1)) {
                values.add(element.strip().toLowerCase(Locale.ROOT));
            }
        }
        return values;
    }

    private static byte[] line(List<String> values) {
        return String.join(", ", values).getBytes(StandardCharsets.ISO_8859_1);
    }
}
