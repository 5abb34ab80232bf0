package io.pgnetty.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of a response, line by line as they come. A header field that is not valid costs that field, and not the
 * response: it is left out, or its control characters become spaces (RFC 9110, section 5.5).
 */
final class HeadParser {

    static final int MAX_BYTES = 64 << 10;
    private static final int MAX_FIELDS = 1_000;
    private static final Pattern STATUS_LINE =
            Pattern.compile("(?s)HTTP/1\\.([0-9])[ \\t]+([0-9]{3})(?:[ \\t].*)?[ \\t]*");

    private final Lines lines = new Lines(MAX_BYTES, "has headers larger than 64 KiB");
    private @Nullable HttpResponse response;
    private @Nullable String name;
    private String value = "";
    private int fields;

    /**
     * The head; null while it is not there as a whole.
     *
     * @throws InvalidResponseException where it is no head of a response, or too large
     */
    @Nullable
    HttpResponse read(ByteBuf in) {
        for (byte[] line = lines.next(in); line != null; line = lines.next(in)) {
            HttpResponse head = response;
            if (head == null) {
                // Some servers end the message before this one with a line too many.
                response = line.length == 0 ? null : statusLine(line);
            } else if (line.length > 0) {
                fieldLine(head, line);
            } else {
                add(head.headers());
                clear();
                return head;
            }
        }
        return null;
    }

    private void clear() {
        lines.reset();
        response = null;
        fields = 0;
    }

    private static HttpResponse statusLine(byte[] line) {
        Matcher matcher = STATUS_LINE.matcher(new String(line, StandardCharsets.ISO_8859_1));
        if (!matcher.matches()) {
            throw InvalidResponseException.breaking("it does not begin with a status line", line);
        }
        int status = Integer.parseInt(matcher.group(2));
        if (status < 100) {
            throw InvalidResponseException.breaking("its status is below 100", line);
        }
        HttpVersion version = matcher.group(1).equals("0") ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
        return new DefaultHttpResponse(
                version,
                HttpResponseStatus.valueOf(status),
                DefaultHttpHeadersFactory.headersFactory().withValidation(false));
    }

    private void fieldLine(HttpResponse head, byte[] line) {
        if (++fields > MAX_FIELDS) {
            throw new InvalidResponseException("has more than " + MAX_FIELDS + " header fields");
        }
        String text = new String(line, StandardCharsets.ISO_8859_1);
        if (Blanks.isBlank(text.charAt(0))) {
            // The field before goes on (RFC 9112, section 5.2).
            value = value + ' ' + text;
            return;
        }
        add(head.headers());
        int colon = text.indexOf(':');
        name = colon < 0 ? null : Blanks.without(text.substring(0, colon));
        value = text.substring(colon + 1);
    }

    private void add(HttpHeaders headers) {
        if (name != null && !name.isEmpty() && HttpHeaderValidationUtil.validateToken(name) == -1) {
            headers.add(new AsciiString(name), Blanks.without(printable(value)));
        }
        name = null;
        value = "";
    }

    private static String printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                StringBuilder clean = new StringBuilder(text);
                for (int j = i; j < clean.length(); j++) {
                    if (isControl(clean.charAt(j))) {
                        clean.setCharAt(j, ' ');
                    }
                }
                return clean.toString();
            }
        }
        return text;
    }

    private static boolean isControl(char c) {
        return (c < 32 && c != '\t') || c == 127;
    }
}
