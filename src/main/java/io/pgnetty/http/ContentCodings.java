package io.pgnetty.http;

import io.airlift.compress.zstd.ZstdInputStream;
import io.pgnetty.http.wire.CodingNames;
import io.pgnetty.request.Header;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.brotli.dec.BrotliInputStream;

/**
 * The codings of a response's body (RFC 9110, section 8.4), and those beneath its chunks (RFC 9112, section 7), whether they were
 * asked for or not.
 *
 * @param names in the order in which the server applied them
 */
record ContentCodings(List<String> names) {

    /** Nobody means more. */
    private static final int MAX = 2;

    /** What a decoder may need beside the body, in bytes: the largest window of Brotli, and some more. */
    private static final long WINDOW = 24 << 20;

    private static final int BUFFER = 16 << 10;

    /** Those that header fields name. */
    static ContentCodings of(List<Header> headers) {
        List<String> names = CodingNames.of(Stream.of("content-encoding", "transfer-encoding")
                .flatMap(name -> headers.stream().filter(header -> header.name().equalsIgnoreCase(name)))
                .map(Header::value));
        return new ContentCodings(
                names.stream().filter(name -> !name.equals("chunked")).toList());
    }

    boolean isEmpty() {
        return names.isEmpty();
    }

    /** What decoding may take in memory beside the body and what comes of it. */
    long memory() {
        return WINDOW
                * names.stream()
                        .filter(name -> name.equals("br") || name.equals("zstd"))
                        .count();
    }

    /**
     * The body without them.
     *
     * @param limit bytes that may come of it
     * @throws IOException where it cannot be decoded: one of them is not known, or the bytes are not what it says
     * @throws BodyTooLargeException where more would come of it
     */
    byte[] decode(byte[] body, long limit) throws IOException {
        if (names.size() > MAX) {
            throw new IOException("more than " + MAX + " codings");
        }
        InputStream all = new ByteArrayInputStream(body);
        try {
            for (int i = names.size() - 1; i >= 0; i--) {
                all = new Bounded(decoded(names.get(i), all), limit);
            }
            try (InputStream in = all) {
                return in.readAllBytes();
            }
        } catch (BodyTooLargeException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            // The JDK reads an empty member of gzip in the call for the one before it; the libraries' own, for bytes
            // that they cannot read.
            throw new IOException(e);
        }
    }

    private static InputStream decoded(String coding, InputStream in) throws IOException {
        return switch (coding) {
            case "gzip", "x-gzip" -> new GZIPInputStream(in, BUFFER);
            case "deflate" -> inflated(new PushbackInputStream(in, 2));
            case "br" -> new BrotliInputStream(in);
            case "zstd" -> new ZstdInputStream(in);
            default -> throw new IOException("unknown coding " + coding);
        };
    }

    /** With or without the zlib header that should be there: as many servers leave it out, everybody accepts both. */
    private static InputStream inflated(PushbackInputStream in) throws IOException {
        byte[] first = in.readNBytes(2);
        in.unread(first);
        boolean zlib =
                first.length == 2 && (first[0] & 0x0f) == 8 && ((first[0] & 0xff) << 8 | (first[1] & 0xff)) % 31 == 0;
        Inflater inflater = new Inflater(!zlib);
        return new InflaterInputStream(in, inflater, BUFFER) {
            @Override
            public void close() throws IOException {
                super.close();
                inflater.end();
            }
        };
    }

    /** Gives up where a coding, also one of several, makes more of the body than may be. */
    private static final class Bounded extends FilterInputStream {
        private final long limit;
        private long count;

        Bounded(InputStream in, long limit) {
            super(in);
            this.limit = limit;
        }

        @Override
        public int read() throws IOException {
            return counted(super.read(), 1);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            return counted(read, read);
        }

        private int counted(int result, int bytes) {
            count += Math.max(result < 0 ? 0 : bytes, 0);
            if (count > limit) {
                throw new BodyTooLargeException(limit);
            }
            return result;
        }
    }
}
