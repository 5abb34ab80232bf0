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

    private static QueuedRequest request(String url, List<Header> headers, int maxAttempts, int failures) {
        return new QueuedRequest(
                1,
                1,
                1 + failures,
                "GET",
                url,
                headers,
                null,
                0,
                Duration.ofSeconds(5),
                UUID.randomUUID(),
                maxAttempts,
                failures,
                null,
                "h",
                0,
                false,
                false,
                Duration.ZERO);
    }
}
