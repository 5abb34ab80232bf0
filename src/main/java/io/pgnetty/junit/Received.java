package io.pgnetty.junit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request as it arrived at {@link RecordingTarget}.
 *
 * @param method such as {@code POST}
 * @param path with its query, such as {@code /hooks?tenant=1}
 * @param headers by their names in lower case
 * @param bytes the body; empty where there was none
 */
public record Received(String method, String path, Map<String, List<String>> headers, byte[] bytes) {

    /** The body, as UTF-8. */
    public String body() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A header by its name, in any case; its values joined by {@code ", "} where it came more than once. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT))).map(values -> String.join(", ", values));
    }

    @Override
    public String toString() {
        return method + " " + path + " " + body();
    }
}
