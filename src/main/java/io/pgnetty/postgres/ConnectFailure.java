package io.pgnetty.postgres;

import io.r2dbc.spi.R2dbcNonTransientResourceException;

/** A connection that could not be made; its message says to where, and why. */
final class ConnectFailure extends R2dbcNonTransientResourceException {

    private static final long serialVersionUID = 1L;

    /** To one server, and database. */
    ConnectFailure(String place, Throwable cause) {
        super(place + ": " + DatabaseFailure.reason(cause), cause);
    }

    /** To each of several servers. */
    ConnectFailure(String message) {
        super(message);
    }
}
