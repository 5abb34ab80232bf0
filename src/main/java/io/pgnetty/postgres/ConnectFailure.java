package io.pgnetty.postgres;

import io.r2dbc.spi.R2dbcNonTransientResourceException;

/** A connection that could not be made; its message says to where, and why. */
final class ConnectFailure extends R2dbcNonTransientResourceException {

    private static final long serialVersionUID = 1L;

    ConnectFailure(String message, Throwable cause) {
        super(message, cause);
    }

    ConnectFailure(String message) {
        super(message);
    }
}
