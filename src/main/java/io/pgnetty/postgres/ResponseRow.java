package io.pgnetty.postgres;

import io.pgnetty.request.Completed;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An outcome as a row of {@code net._http_response}. A body that is text in the database's encoding goes to {@code content};
 * any other goes whole to {@code content_bytes}.
 */
record ResponseRow(
        long id,
        int attempt,
        @Nullable Integer statusCode,
        @Nullable String contentType,
        @Nullable String headers,
        @Nullable String content,
        byte @Nullable [] contentBytes,
        boolean timedOut,
        @Nullable String errorMessage) {

    private static final Pattern CHARSET = Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([^\\s\";]+)");

    static ResponseRow of(Completed completed, TextEncoding encoding) {
        long id = completed.request().id();
        int attempt = completed.request().attempt();
        if (completed.outcome() instanceof Outcome.Failed failed) {
            String message = encoding.representable(failed.message());
            return new ResponseRow(
                    id, attempt, null, null, null, null, null, failed.kind() == FailureKind.TIMEOUT, message);
        }
        Outcome.Responded response = (Outcome.Responded) completed.outcome();
        Optional<String> text = text(response.body(), response.contentType()).filter(encoding::holds);
        return new ResponseRow(
                id,
                attempt,
                response.status(),
                response.contentType() == null ? null : encoding.representable(response.contentType()),
                HeadersJson.write(response.headers(), encoding),
                text.orElse(null),
                text.isPresent() ? null : response.body(),
                false,
                null);
    }

    /** The body as text, by the charset that its content type names, else as UTF-8; empty when it is neither. */
    private static Optional<String> text(byte[] body, @Nullable String contentType) {
        Matcher matcher = CHARSET.matcher(contentType == null ? "" : contentType);
        try {
            Charset charset = matcher.find() ? Charset.forName(matcher.group(1)) : StandardCharsets.UTF_8;
            return Optional.of(
                    charset.newDecoder().decode(ByteBuffer.wrap(body)).toString());
        } catch (IllegalCharsetNameException | UnsupportedCharsetException | CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** What it adds to a message to the database, roughly, in bytes. */
    static long weight(Completed completed) {
        return completed.outcome() instanceof Outcome.Responded response ? 512L + response.body().length : 512L;
    }
}
