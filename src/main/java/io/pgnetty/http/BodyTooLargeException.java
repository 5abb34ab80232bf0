package io.pgnetty.http;

/** A response body is over the limit; the rest of it was not read. */
final class BodyTooLargeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BodyTooLargeException(long limit) {
        super("Response body is larger than " + limit + " bytes (--max-response-bytes)");
    }
}
