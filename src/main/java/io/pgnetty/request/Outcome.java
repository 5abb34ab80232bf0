package io.pgnetty.request;

import java.util.List;
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
     * Not sent, as the egress rules of this bridge refuse it, and left to others whose rules may allow it.
     *
     * @param message what it would have failed with
     */
    record ForOthers(String message) implements Outcome {}
}
