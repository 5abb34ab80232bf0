package io.pgnetty.request;

import java.util.Locale;

/** Why a request got no usable HTTP answer. The lower-case name is the label of metrics and logs. */
public enum FailureKind {
    /** The request's own deadline passed, or a connection attempt ran out of time. */
    TIMEOUT,
    /** The host name could not be resolved. */
    DNS,
    /** Nothing accepted the connection. */
    CONNECT,
    /** TLS failed: an untrusted, expired or foreign certificate, or no common protocol. */
    TLS,
    /** The connection ended before the answer was complete. */
    CLOSED,
    /** The answer was no HTTP. */
    MALFORMED,
    /** Redirects that lead nowhere, or too many of them. */
    REDIRECT,
    /** The egress rules refuse the address. */
    EGRESS_DENIED,
    /** The request's or the answer's body is over its limit. */
    TOO_LARGE,
    /** The request cannot be expressed in HTTP. */
    INVALID,
    /** Anything else; the log has the exception. */
    OTHER;

    /** The name as it stands in metrics and logs. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
