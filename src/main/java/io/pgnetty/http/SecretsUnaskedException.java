package io.pgnetty.http;

/** Nobody could be asked whether a request may have its secrets, which is not its fault. */
final class SecretsUnaskedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SecretsUnaskedException(Throwable cause) {
        super("cannot ask the database whether its secrets may be used: " + cause.getMessage(), cause, false, false);
    }
}
