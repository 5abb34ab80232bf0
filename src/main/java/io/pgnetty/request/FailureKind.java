package io.pgnetty.request;

import java.util.Locale;

/** Why a request got no usable HTTP answer. The lower-case name is the label of metrics and logs. */
public enum FailureKind {
    /** The request's own deadline passed, or a connection attempt ran out of time. */
    TIMEOUT(true),
    /** The host name could not be resolved. */
    DNS(true),
    /** Nothing accepted the connection. */
    CONNECT(true),
    /** TLS failed: an untrusted, expired or foreign certificate, or no common protocol. */
    TLS(false),
    /** The bridge's machine had nothing left for the connection, and nothing was sent yet: the request goes back to the queue. */
    UNSENT(true),
    /** The same, when something had been sent: after a redirect, say. The host is not to blame. */
    LOCAL(true),
    /** The connection ended before the answer was complete. */
    CLOSED(true),
    /** The answer was not valid HTTP. */
    MALFORMED(false),
    /** Redirects that lead nowhere, or too many of them. */
    REDIRECT(false),
    /** The egress rules refuse the address. */
    EGRESS_DENIED(false),
    /** A secret that the request names may not be used for it, or is not there. */
    SECRET_DENIED(false),
    /** The database could not be asked whether its secrets may be used; the host is not to blame, and nothing was sent there. */
    UNASKED(true),
    /** The request's or the answer's body is over its limit. */
    TOO_LARGE(false),
    /** The request cannot be expressed in HTTP. */
    INVALID(false),
    /** Anything else; the log has the exception. */
    OTHER(false);

    private final boolean retried;

    FailureKind(boolean retried) {
        this.retried = retried;
    }

    /** Whether another attempt may succeed. */
    public boolean isRetried() {
        return retried;
    }

    /** The name as it stands in metrics and logs. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
