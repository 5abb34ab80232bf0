package io.pgnetty.http;

/** Nobody could be asked whether a request may have its secrets, which is not its fault. */
final class SecretsUnaskedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SecretsUnaskedException(Throwable cause) {
        super("could not ask its database whether the request's secrets may be used", cause, false, false);
    }
}
