package io.pgnetty.postgres;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text of a body. JSON is UTF-8 whatever its label says (RFC 8259, section 8.1); other text is what its label says, and without a
 * label that makes sense, or where it does not fit, UTF-8.
 */
final class BodyText {

    private static final Pattern CHARSET = Pattern.compile("(?i);\\s*charset\\s*=([^;]*)");
    private static final Pattern JSON =
            Pattern.compile("(?i)\\s*(?:application/(?:[a-z0-9!#$&^_.+-]+\\+)?json|text/json)\\s*(?:;.*)?");
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private BodyText() {}

    /** The text, without a byte order mark; empty where it is none. */
    static Optional<String> of(byte[] body, @Nullable String contentType) {
        String type = contentType == null ? "" : contentType;
        Set<Charset> charsets = new LinkedHashSet<>();
        if (JSON.matcher(type).matches() || hasMark(body)) {
            charsets.add(StandardCharsets.UTF_8);
        }
        label(type).ifPresent(charsets::add);
        charsets.add(StandardCharsets.UTF_8);
        return charsets.stream()
                .flatMap(charset -> decoded(body, charset).stream())
                // No text has it: it is what another charset looks like, and the database takes none.
                .filter(text -> text.indexOf('\0') < 0)
                .findFirst()
                .map(text -> !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text);
    }

    /** A byte order mark says more than any label. */
    private static boolean hasMark(byte[] body) {
        return body.length >= 3 && body[0] == (byte) 0xef && body[1] == (byte) 0xbb && body[2] == (byte) 0xbf;
    }

    private static Optional<String> decoded(byte[] body, Charset charset) {
        try {
            return Optional.of(
                    charset.newDecoder().decode(ByteBuffer.wrap(body)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** One that is quoted counts, one that is unknown, a list or nonsense does not. */
    private static Optional<Charset> label(String contentType) {
        Matcher matcher = CHARSET.matcher(contentType);
        if (!matcher.find()) {
            return Optional.empty();
        }
        String name =
                matcher.group(1).strip().replaceFirst("^([\"'])(.*)\\1$", "$2").strip();
        try {
            return Optional.of(Charset.forName(name));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            return Optional.empty();
        }
    }
}
