package io.pgnetty.http;

import java.net.ConnectException;

/** The egress rules refuse the address that was about to be connected to. Its message names no resolved address. */
final class EgressDeniedException extends ConnectException {

    private static final long serialVersionUID = 1L;

    EgressDeniedException(String message) {
        super(message);
    }
}
