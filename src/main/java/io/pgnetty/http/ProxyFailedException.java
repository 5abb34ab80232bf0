package io.pgnetty.http;

import java.net.ConnectException;

/** The proxy of {@code --egress-proxy} made no connection; the message says why, and has no address. */
final class ProxyFailedException extends ConnectException {

    private static final long serialVersionUID = 1L;

    ProxyFailedException(String message) {
        super(message);
    }
}
