package io.pgnetty.junit;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.postgres.Connections;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the database says of requests. */
final class Requests {

    private static final Duration PAUSE = Duration.ofMillis(20);
    // Read here, as the connections' threads may not.
    private static final String REQUEST = Statements.statement("request");
    private static final String UNANSWERED = Statements.statement("unanswered");

    private final DatabaseUrl url;

    Requests(DatabaseUrl url) {
        this.url = url;
    }

    /** The result of a request that has ended. */
    RequestResult await(long id, Duration timeout) {
        List<Looked> seen = until(
                connection -> connection
                        .createStatement(REQUEST)
                        .bind("$1", id)
                        .execute()
                        .concatMap(result -> result.map(Requests::looked))
                        .collectList(),
                rows -> !rows.isEmpty() && rows.get(0).ended(),
                timeout);
        if (seen.isEmpty()) {
            throw new AssertionError(
                    "no request has id " + id + " after " + seconds(timeout)
                            + ": is the transaction that queued it committed, in this database? One with fire_and_forget that was answered leaves nothing.");
        }
        Looked last = seen.get(0);
        if (!last.ended()) {
            throw new AssertionError("request " + id + " (" + last.result().method() + " "
                    + last.result().url() + ") is still " + last.result().status() + " after " + seconds(timeout)
                    + ", attempt "
                    + last.result().attempts() + " of " + last.maxAttempts()
                    + last.result().error().map(error -> ": " + error).orElse("")
                    + last.waitsFor().map(what -> "; it waits for " + what).orElse(""));
        }
        return last.result();
    }

    /** Waits until nothing is to be sent. */
    void awaitNone(Duration timeout) {
        List<String> left = until(
                connection -> connection
                        .createStatement(UNANSWERED)
                        .execute()
                        .concatMap(result -> result.map(Requests::unanswered))
                        .collectList(),
                List::isEmpty,
                timeout);
        if (!left.isEmpty()) {
            throw new AssertionError("not answered after " + seconds(timeout) + ": " + String.join("; ", left));
        }
    }

    /** Asks again and again, on one connection, until it is as wanted or the time is over; what it was at last. No query is cut off. */
    private <T> List<T> until(
            Function<PostgresqlConnection, Mono<List<T>>> question, Predicate<List<T>> wanted, Duration timeout) {
        Instant end = Instant.now().plus(timeout);
        return Mono.usingWhen(
                        Connections.plain(url).create(),
                        connection -> Flux.defer(() -> question.apply(connection))
                                .repeatWhen(times -> times.delayElements(PAUSE))
                                .takeUntil(rows ->
                                        wanted.test(rows) || Instant.now().isAfter(end))
                                .last(),
                        PostgresqlConnection::close)
                .blockOptional()
                .orElse(List.of());
    }

    static String seconds(Duration time) {
        return time.toMillis() / 1000.0 + " s";
    }

    private record Looked(RequestResult result, boolean ended, int maxAttempts, Optional<String> waitsFor) {}

    private static Looked looked(Readable row) {
        RequestResult result = new RequestResult(
                present(row, "id", Long.class),
                present(row, "status", String.class),
                present(row, "method", String.class),
                present(row, "url", String.class),
                optional(row, "status_code", Integer.class),
                headers(row.get("headers", String.class)),
                optional(row, "content", String.class),
                optional(row, "content_bytes", byte[].class),
                optional(row, "error_msg", String.class),
                optional(row, "attempt", Integer.class).orElse(0));
        return new Looked(
                result,
                present(row, "ended", Boolean.class),
                optional(row, "max_attempts", Integer.class).orElse(1),
                optional(row, "waits_for", String.class));
    }

    private static String unanswered(Readable row) {
        return "request " + present(row, "id", Long.class) + " (" + present(row, "request", String.class) + ") is "
                + present(row, "status", String.class)
                + optional(row, "error_msg", String.class)
                        .map(error -> ", " + error)
                        .orElse("")
                + optional(row, "waits_for", String.class)
                        .map(what -> ", waits for " + what)
                        .orElse("");
    }

    private static <T> T present(Readable row, String column, Class<T> type) {
        return optional(row, column, type).orElseThrow(() -> new IllegalStateException(column));
    }

    private static <T> Optional<T> optional(Readable row, String column, Class<T> type) {
        return Optional.ofNullable(row.get(column, type));
    }

    private static Map<String, String> headers(@Nullable String json) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (json != null) {
            JsonMapper.shared()
                    .readTree(json)
                    .properties()
                    .forEach(header -> headers.merge(
                            header.getKey().toLowerCase(Locale.ROOT),
                            text(header.getValue()),
                            (one, other) -> one + ", " + other));
        }
        return headers;
    }

    private static String text(JsonNode value) {
        return value.isArray()
                ? String.join(", ", value.valueStream().map(JsonNode::asString).toList())
                : value.asString();
    }
}
