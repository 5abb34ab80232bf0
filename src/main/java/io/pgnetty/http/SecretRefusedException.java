package io.pgnetty.http;

import org.jspecify.annotations.Nullable;

/** A request names a secret that it may not have, or that is not there; its message does not tell which of the two. */
final class SecretRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SecretRefusedException(@Nullable String message) {
        super(message, null, false, false);
    }
}
