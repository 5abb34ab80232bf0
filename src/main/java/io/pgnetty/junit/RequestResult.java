package io.pgnetty.junit;

import java.util.Map;
import java.util.Optional;

/**
 * What has become of a request, as view {@code net.requests} has it.
 *
 * @param id what {@code net.http_post} and the others return
 * @param status {@code succeeded}, {@code failed}, {@code dead} or {@code cancelled}
 * @param method such as {@code POST}
 * @param url without passwords and tokens
 * @param statusCode of the response; empty where there was none
 * @param headers of the response, by their names in lower case; the values of one that came more than once are joined by {@code ", "}
 * @param body of the response as text; empty where there was none, or where it is no text
 * @param bodyBytes of a response whose body is no text
 * @param error why it failed
 * @param attempts how often it was sent
 */
public record RequestResult(
        long id,
        String status,
        String method,
        String url,
        Optional<Integer> statusCode,
        Map<String, String> headers,
        Optional<String> body,
        Optional<byte[]> bodyBytes,
        Optional<String> error,
        int attempts) {

    /** Whether it was answered with a status that counts as success. */
    public boolean succeeded() {
        return status.equals("succeeded");
    }
}
