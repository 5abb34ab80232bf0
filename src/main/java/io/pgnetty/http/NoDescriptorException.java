package io.pgnetty.http;

import java.net.ConnectException;

/** The bridge has no file descriptor left for a connection to a target, see {@link DescriptorReserve}. */
final class NoDescriptorException extends ConnectException {

    private static final long serialVersionUID = 1L;

    NoDescriptorException() {
        super("no file descriptor left");
    }
}
