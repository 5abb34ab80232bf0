package io.pgnetty.postgres;

/** The database is not as a bridge needs it. The message says what to do. */
public final class NotReadyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotReadyException(String message) {
        super(message);
    }
}
