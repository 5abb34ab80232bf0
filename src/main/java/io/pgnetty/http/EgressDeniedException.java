package io.pgnetty.http;

import java.net.ConnectException;
import java.util.Set;
import java.util.UUID;

/** The egress rules refuse the address that was about to be connected to. Its message names no resolved address. */
final class EgressDeniedException extends ConnectException {

    private static final long serialVersionUID = 1L;

    private final transient Set<UUID> others;

    /** @param others bridges whose rules allow it */
    EgressDeniedException(String message, Set<UUID> others) {
        super(message);
        this.others = others;
    }

    /** Bridges whose rules allow it. */
    Set<UUID> others() {
        return others;
    }
}
