package io.pgnetty.postgres;

import io.pgnetty.request.Completed;
import io.pgnetty.request.Header;
import io.pgnetty.request.QueuedRequest;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;

/**
 * The queue protocol: claim under a lease, extend, complete, release, expire. Every write is fenced on (id, attempt). Each
 * operation is one statement of {@code sql/bridge}, whose file says which index serves it and what it locks.
 */
public final class RequestQueue {

    private final Database database;
    private final UUID replica;
    private final Duration lease;
    private final long maxRequestBytes;
    private final TextEncoding encoding;

    /**
     * @param replica this bridge
     * @param lease how long a claim lasts without being extended
     * @param maxRequestBytes larger bodies are not fetched
     * @param serverEncoding the database's, such as {@code UTF8}
     */
    public RequestQueue(Database database, UUID replica, Duration lease, long maxRequestBytes, String serverEncoding) {
        this.database = database;
        this.replica = replica;
        this.lease = lease;
        this.maxRequestBytes = maxRequestBytes;
        this.encoding = new TextEncoding(serverEncoding);
    }

    /** Names one attempt at one request. */
    public record Attempt(long id, int number) {

        /** The attempt that a claimed request is. */
        public static Attempt of(QueuedRequest request) {
            return new Attempt(request.id(), request.attempt());
        }
    }

    /** What waits: exact up to a bound, and the age of the oldest. */
    public record Depth(long depth, double oldestSeconds) {}

    /**
     * Claims up to {@code limit} requests, lowest id first, with at most {@code bytes} of bodies beyond the first one's.
     */
    public Mono<List<QueuedRequest>> claim(int limit, long bytes) {
        return database.list(
                        "claim",
                        statement -> statement
                                .bind(0, limit)
                                .bind(1, interval(lease))
                                .bind(2, replica)
                                .bind(3, maxRequestBytes)
                                .bind(4, bytes),
                        RequestQueue::request)
                .map(requests -> {
                    requests.sort((a, b) -> Long.compare(a.id(), b.id()));
                    return requests;
                });
    }

    /** What an outcome adds to a write-back, roughly, in bytes. */
    public static long weight(Completed completed) {
        return ResponseRow.weight(completed);
    }

    /** Writes outcomes back; gives the ids written. One that is missing had lost its lease. */
    public Mono<Set<Long>> complete(List<Completed> batch) {
        return Mono.defer(() -> {
            List<ResponseRow> rows = batch.stream()
                    .map(completed -> ResponseRow.of(completed, encoding))
                    .toList();
            return database.list(
                            "complete",
                            statement -> statement
                                    .bind(0, column(rows, Long[]::new, ResponseRow::id))
                                    .bind(1, column(rows, Integer[]::new, ResponseRow::attempt))
                                    .bind(2, column(rows, Integer[]::new, ResponseRow::statusCode))
                                    .bind(3, column(rows, String[]::new, ResponseRow::contentType))
                                    .bind(4, column(rows, String[]::new, ResponseRow::headers))
                                    .bind(5, column(rows, String[]::new, ResponseRow::content))
                                    .bind(6, column(rows, String[]::new, row -> base64(row.contentBytes())))
                                    .bind(7, column(rows, Boolean[]::new, ResponseRow::timedOut))
                                    .bind(8, column(rows, String[]::new, ResponseRow::errorMessage)),
                            RequestQueue::id)
                    .<Set<Long>>map(HashSet::new);
        });
    }

    /** Keeps a request whose answer cannot be stored out of every claim, with the reason. */
    public Mono<Boolean> park(Attempt attempt, String reason) {
        return database.list(
                        "park",
                        statement -> statement
                                .bind(0, attempt.id())
                                .bind(1, attempt.number())
                                .bind(2, encoding.representable(reason)),
                        RequestQueue::id)
                .map(ids -> !ids.isEmpty());
    }

    /** Extends leases from now; gives the ids extended. One that is just being completed may be missing. */
    public Mono<Set<Long>> extend(Collection<Attempt> attempts) {
        return database.list(
                        "extend",
                        statement -> statement
                                .bind(0, ids(attempts))
                                .bind(1, numbers(attempts))
                                .bind(2, interval(lease)),
                        RequestQueue::id)
                .map(HashSet::new);
    }

    /** Gives leases back; gives the ids released. */
    public Mono<Set<Long>> release(Collection<Attempt> attempts) {
        return database.list(
                        "release",
                        statement -> statement.bind(0, ids(attempts)).bind(1, numbers(attempts)),
                        RequestQueue::id)
                .map(HashSet::new);
    }

    /** Gives back what this replica has claimed and does not hold: claims whose answer was lost on the way. */
    public Mono<Integer> recover(Collection<Attempt> held) {
        return database.list("recover", statement -> statement.bind(0, replica).bind(1, ids(held)), RequestQueue::id)
                .map(List::size);
    }

    /** Gives back up to {@code limit} requests whose lease is over; gives how many. */
    public Mono<Integer> requeueExpired(int limit) {
        return database.list("requeue_expired", statement -> statement.bind(0, limit), RequestQueue::id)
                .map(List::size);
    }

    /** Deletes up to {@code limit} responses older than {@code ttl}; gives how many. */
    public Mono<Integer> expireResponses(int limit, Duration ttl) {
        return database.list(
                        "expire_responses",
                        statement -> statement.bind(0, limit).bind(1, interval(ttl)),
                        RequestQueue::id)
                .map(List::size);
    }

    /** Deletes up to {@code limit} requests older than {@code ttl} whose answer could not be stored; gives how many. */
    public Mono<Integer> expireParked(int limit, Duration ttl) {
        return database.list(
                        "expire_parked", statement -> statement.bind(0, limit).bind(1, interval(ttl)), RequestQueue::id)
                .map(List::size);
    }

    /** What waits, exact up to {@code limit} requests. */
    public Mono<Depth> depth(int limit) {
        return database.list(
                        "depth",
                        statement -> statement.bind(0, limit),
                        row -> new Depth(
                                present(row, "depth", Long.class), present(row, "oldest_seconds", Double.class)))
                .map(rows -> rows.get(0));
    }

    /** Total: one row that cannot be read must not fail the claim of the others, again and again. */
    private static QueuedRequest request(Readable row) {
        List<Header> headers = List.of();
        String problem = null;
        try {
            headers = HeadersJson.read(present(row, "headers", String.class));
        } catch (JacksonException e) {
            problem = "headers cannot be read";
        }
        return new QueuedRequest(
                present(row, "id", Long.class),
                present(row, "attempt", Integer.class),
                present(row, "method", String.class),
                present(row, "url", String.class),
                headers,
                row.get("body", byte[].class),
                present(row, "body_length", Integer.class),
                Duration.ofMillis(present(row, "timeout_milliseconds", Integer.class)),
                present(row, "idempotency_key", UUID.class),
                problem,
                Duration.ofNanos((long) (present(row, "waited_seconds", Double.class) * 1e9)));
    }

    private static Long id(Readable row) {
        return present(row, "id", Long.class);
    }

    static <T> T present(Readable row, String column, Class<T> type) {
        T value = row.get(column, type);
        if (value == null) {
            throw new IllegalStateException("column " + column + " is null");
        }
        return value;
    }

    private static <T> @Nullable T[] column(
            List<ResponseRow> rows, IntFunction<@Nullable T[]> array, Function<ResponseRow, @Nullable T> value) {
        return rows.stream().map(value).toArray(array);
    }

    /** The driver corrupts arrays of bytes on their way; text arrives as it is. */
    private static @Nullable String base64(byte @Nullable [] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }

    private static Long[] ids(Collection<Attempt> attempts) {
        return attempts.stream().map(Attempt::id).toArray(Long[]::new);
    }

    private static Integer[] numbers(Collection<Attempt> attempts) {
        return attempts.stream().map(Attempt::number).toArray(Integer[]::new);
    }

    private static String interval(Duration duration) {
        return duration.toMillis() + " milliseconds";
    }
}
