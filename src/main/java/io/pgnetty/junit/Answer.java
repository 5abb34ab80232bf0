package io.pgnetty.junit;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What {@link RecordingTarget} answers.
 *
 * @param status 200 to 599
 * @param headers of the answer
 * @param body of the answer
 * @param delay before the answer
 */
public record Answer(int status, Map<String, String> headers, String body, Duration delay) {

    private static final int LOWEST = 200;
    private static final int HIGHEST = 599;

    /** @throws IllegalArgumentException for a status that no answer has */
    public Answer {
        if (status < LOWEST || status > HIGHEST) {
            throw new IllegalArgumentException("an answer's status is from 200 to 599, not " + status);
        }
        headers = Map.copyOf(headers);
    }

    /** A status alone. */
    public static Answer of(int status) {
        return of(status, "");
    }

    /** A status and a body. */
    public static Answer of(int status, String body) {
        return new Answer(status, Map.of(), body, Duration.ZERO);
    }

    /** The same with one more header. */
    public Answer withHeader(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(name, value);
        return new Answer(status, all, body, delay);
    }

    /** The same, after a while. */
    public Answer after(Duration wait) {
        return new Answer(status, headers, body, wait);
    }
}
