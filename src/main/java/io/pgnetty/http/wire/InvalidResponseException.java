package io.pgnetty.http.wire;

import java.nio.charset.StandardCharsets;

/** A response that cannot be read, or that costs more than it may. Its message goes on from "The response of example.com". */
public final class InvalidResponseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Of a line that somebody else wrote, this many characters are shown at most. */
    private static final int SHOWN = 80;

    /** @param text goes on from "The response of example.com" */
    public InvalidResponseException(String text) {
        super(text, null, false, false);
    }

    /**
     * A rule of HTTP that a line breaks.
     *
     * @param rule a sentence about the line
     * @param line shown in part, with each character escaped that is not printable ASCII
     */
    static InvalidResponseException breaking(String rule, byte[] line) {
        return new InvalidResponseException("is not valid HTTP: " + rule + ": \"" + printable(line) + "\"");
    }

    /**
     * What Netty could not read.
     *
     * @param protocol as people call it: HTTP/2
     */
    public static InvalidResponseException unreadable(String protocol, Throwable cause) {
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new InvalidResponseException(
                "is not valid " + protocol + ": " + printable(why.getBytes(StandardCharsets.ISO_8859_1)));
    }

    static InvalidResponseException tooManyInterim(int most) {
        return new InvalidResponseException("comes after more than " + most + " interim ones");
    }

    private static String printable(byte[] line) {
        StringBuilder text = new StringBuilder(SHOWN + 8);
        for (char c : new String(line, StandardCharsets.ISO_8859_1).toCharArray()) {
            if (text.length() >= SHOWN) {
                return text.append("...").toString();
            }
            text.append(c < 32 || c > 126 ? String.format("\\x%02x", (int) c) : String.valueOf(c));
        }
        return text.toString();
    }
}
