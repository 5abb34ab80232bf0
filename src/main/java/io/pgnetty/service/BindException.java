package io.pgnetty.service;

import io.pgnetty.config.HostPort;

/** An address of ours cannot be listened on. The message names the option. */
public final class BindException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BindException(String option, HostPort address, Throwable cause) {
        super(
                option + ": cannot listen on " + address
                        + " (the address is in use, or does not belong to this machine); give another, as 127.0.0.1:0 for any free port",
                cause);
    }
}
