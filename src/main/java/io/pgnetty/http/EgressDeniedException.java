package io.pgnetty.http;

import io.pgnetty.observe.Event;
import java.net.ConnectException;

/** The egress rules refuse the address that was about to be connected to. Its message names no resolved address. */
final class EgressDeniedException extends ConnectException {

    private static final long serialVersionUID = 1L;

    private final transient Event.EgressDenied event;
    private final boolean forOthers;

    /** @param forOthers whether rules of other bridges may allow it */
    EgressDeniedException(Event.EgressDenied event, boolean forOthers) {
        super(event.rule());
        this.event = event;
        this.forOthers = forOthers;
    }

    /** What is said of it where the request fails. */
    Event.EgressDenied event() {
        return event;
    }

    boolean isForOthers() {
        return forOthers;
    }
}
