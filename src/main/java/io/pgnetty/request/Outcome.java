package io.pgnetty.request;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What came of one attempt. */
public sealed interface Outcome {

    /**
     * An HTTP answer, whatever its status.
     *
     * @param status 100 to 999 as sent
     * @param contentType the Content-Type header, or null
     * @param headers in the order received
     * @param body the bytes without their content codings, never over the limit
     * @param coded whether the body is as received, as its content coding could not be undone
     */
    record Responded(int status, @Nullable String contentType, List<Header> headers, byte[] body, boolean coded)
            implements Outcome {

        /** With a body that has no coding. */
        public Responded(int status, @Nullable String contentType, List<Header> headers, byte[] body) {
            this(status, contentType, headers, body, false);
        }
    }

    /**
     * No usable answer.
     *
     * @param kind what went wrong
     * @param message for the role that queued the request: names the host as given, no resolved address, no header value
     */
    record Failed(FailureKind kind, String message) implements Outcome {}

    /**
     * Not sent, as the egress rules of this bridge refuse it, and left to others.
     *
     * @param message what it fails with if those refuse it, too
     * @param bridges whose rules allow it
     */
    record ForOthers(String message, Set<UUID> bridges) implements Outcome {}
}
