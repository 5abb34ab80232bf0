package io.pgnetty.testing;

import io.pgnetty.request.Header;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Claimed requests for tests that need no queue. */
public final class Queued {

    private Queued() {}

    public static QueuedRequest get(String url, Header... headers) {
        return request(url, List.of(headers), 1, 0);
    }

    public static QueuedRequest tried(int maxAttempts, int failures) {
        return request("http://h", List.of(), maxAttempts, failures);
    }

    public static QueuedRequest of(String method, String url, Header... headers) {
        return of(method, url, null, headers);
    }

    public static QueuedRequest of(String method, String url, byte[] body, Header... headers) {
        return request(method, url, List.of(headers), body, 1, 0);
    }

    private static QueuedRequest request(String url, List<Header> headers, int maxAttempts, int failures) {
        return request("GET", url, headers, null, maxAttempts, failures);
    }

    /** With a deadline of its own. */
    public static QueuedRequest impatient(String url, Duration timeout) {
        return request("GET", url, List.of(), null, 1, 0, timeout);
    }

    private static QueuedRequest request(
            String method, String url, List<Header> headers, byte[] body, int maxAttempts, int failures) {
        return request(method, url, headers, body, maxAttempts, failures, Duration.ofSeconds(5));
    }

    private static QueuedRequest request(
            String method,
            String url,
            List<Header> headers,
            byte[] body,
            int maxAttempts,
            int failures,
            Duration timeout) {
        return new QueuedRequest(
                1,
                1,
                1 + failures,
                method,
                url,
                headers,
                body,
                body == null ? 0 : body.length,
                timeout,
                UUID.randomUUID(),
                maxAttempts,
                failures,
                null,
                "h",
                0,
                false,
                false,
                null,
                Duration.ZERO);
    }
}
