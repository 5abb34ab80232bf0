package io.pgnetty.http.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The framing of a chunked body (RFC 9112, section 7.1). Extensions and trailer fields are dropped. */
final class Chunks {

    private static final int MAX_LINE = 64 << 10;
    private static final int MAX_TRAILERS = 64 << 10;
    private static final Pattern SIZE = Pattern.compile("(?s)[ \\t]*0*([0-9A-Fa-f]{1,15})[ \\t]*(?:;.*)?");

    /** Framing that costs nothing: what a short response may have. */
    private static final long FREE_FRAMING = 128 << 10;

    /** A chunk's size line and its ends take less than this; what is more is extensions. */
    private static final long FRAMING_PER_LINE = 8;

    private enum Next {
        SIZE,
        DATA,
        END_OF_DATA,
        TRAILERS,
        NOTHING
    }

    private final Lines sizes = new Lines(MAX_LINE, "has a chunk size line larger than 64 KiB");
    private final Lines trailers = new Lines(MAX_TRAILERS, "has trailer fields larger than 64 KiB");
    private Next next = Next.SIZE;
    private long left;
    private long data;

    /** Bytes of lines beyond what they usually take. */
    private long excess;

    /**
     * Reads framing as far as it is there.
     *
     * @return bytes of data that come next; 0 where more has to be read to know, or where the body has ended
     * @throws InvalidResponseException where it is not one
     */
    long read(ByteBuf in) {
        while (true) {
            switch (next) {
                case DATA, NOTHING -> {
                    return left;
                }
                case TRAILERS -> {
                    byte[] line = trailers.next(in);
                    if (line == null) {
                        return 0;
                    }
                    next = line.length == 0 ? Next.NOTHING : Next.TRAILERS;
                }
                default -> {
                    sizes.reset();
                    byte[] line = sizes.next(in);
                    if (line == null) {
                        return 0;
                    }
                    excess += line.length + 2 - FRAMING_PER_LINE;
                    if (excess > FREE_FRAMING + 2 * data) {
                        throw new InvalidResponseException("has much more framing than body");
                    }
                    line(line);
                }
            }
        }
    }

    private void line(byte[] line) {
        if (next == Next.END_OF_DATA) {
            if (line.length > 0) {
                throw InvalidResponseException.breaking("a chunk is longer than its size", line);
            }
            next = Next.SIZE;
            return;
        }
        Matcher size = SIZE.matcher(new String(line, StandardCharsets.ISO_8859_1));
        if (!size.matches()) {
            throw InvalidResponseException.breaking("a chunk does not begin with its size", line);
        }
        left = Long.parseLong(size.group(1), 16);
        next = left == 0 ? Next.TRAILERS : Next.DATA;
    }

    /** So many bytes of data have been taken. */
    void taken(int bytes) {
        left -= bytes;
        data += bytes;
        if (left == 0) {
            next = Next.END_OF_DATA;
        }
    }

    /** Whether the body has ended, with its trailer fields. */
    boolean hasEnded() {
        return next == Next.NOTHING;
    }

    /** Whether the last chunk is there: what is missing when the connection ends then is of no use. */
    boolean isWhole() {
        return next == Next.TRAILERS || next == Next.NOTHING;
    }
}
