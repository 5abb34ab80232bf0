package io.pgnetty.postgres;

import io.pgnetty.config.LeaseTimings;
import io.pgnetty.request.BreakerRule;
import io.pgnetty.request.Completed;
import io.pgnetty.request.Header;
import io.pgnetty.request.QueuedRequest;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;

/**
 * The queue protocol: claim under a lease, extend, complete, release, and promote what waited for its time. Every write is
 * fenced on the lease. Each operation is one statement of {@code sql/bridge}, whose file says which index serves it and what it locks.
 */
public final class RequestQueue {

    private final Database database;
    private final Replicas.Self self;
    private final LeaseTimings timings;
    private final long maxRequestBytes;
    private final TextEncoding encoding;

    /**
     * @param self this bridge
     * @param timings how long a claim lasts without being extended, and what follows from that
     * @param maxRequestBytes larger bodies are not fetched
     * @param serverEncoding the database's, such as {@code UTF8}
     */
    public RequestQueue(
            Database database, Replicas.Self self, LeaseTimings timings, long maxRequestBytes, String serverEncoding) {
        this.database = database;
        this.self = self;
        this.timings = timings;
        this.maxRequestBytes = maxRequestBytes;
        this.encoding = new TextEncoding(serverEncoding);
    }

    /** Names one attempt at one request: by the lease that holds it for that. */
    public record Attempt(long id, long lease) {

        /** The attempt that a claimed request is. */
        public static Attempt of(QueuedRequest request) {
            return new Attempt(request.id(), request.lease());
        }
    }

    /**
     * What a claim found.
     *
     * @param requests lowest id first
     * @param lastHost the last host that had its turn; the next claim goes on behind it
     * @param more whether it may have left something that could be claimed now, for want of places or of turns
     * @param heldBack whether it left something that its host's rule, or its breaker, does not let go yet
     * @param nextIn when one of these may go, where that is known
     */
    public record Claim(
            List<QueuedRequest> requests, String lastHost, boolean more, boolean heldBack, Optional<Duration> nextIn) {}

    /**
     * What became due by the clock.
     *
     * @param promoted how many requests
     * @param keyed whether there are requests whose key must be looked at, see {@link #admitKeyed}
     * @param nextIn when the next one becomes due, if one is known
     */
    public record Promotion(long promoted, boolean keyed, Optional<Duration> nextIn) {}

    /**
     * Claims up to {@code limit} requests with at most {@code bytes} of bodies beyond the first one's; hosts take turns, from
     * the one after {@code afterHost} on.
     *
     * @param hosts how many are looked at, at most; paused ones count
     */
    public Mono<Claim> claim(int limit, long bytes, String afterHost, int hosts) {
        return claimOnce(limit, bytes, afterHost, hosts)
                // A row that cannot be read must not hold up the others.
                .onErrorResume(
                        DatabaseFailure::blamesARow,
                        error -> parkUnreadable()
                                .flatMap(parked ->
                                        parked == 0 ? Mono.error(error) : claimOnce(limit, bytes, afterHost, hosts)));
    }

    private Mono<Long> parkUnreadable() {
        return database.list("park_unreadable", statement -> {}, row -> present(row, "parked", Long.class))
                .map(rows -> rows.get(0));
    }

    private Mono<Claim> claimOnce(int limit, long bytes, String afterHost, int hosts) {
        return database.list(
                        "claim",
                        statement -> statement
                                .bind(0, limit)
                                .bind(1, interval(timings.lease()))
                                .bind(2, self.id())
                                .bind(3, maxRequestBytes)
                                .bind(4, bytes)
                                .bind(5, afterHost)
                                .bind(6, hosts),
                        Claimed::of)
                .map(rows -> new Claim(
                        rows.stream()
                                .flatMap(row -> row.request().stream())
                                .sorted(Comparator.comparingLong(QueuedRequest::id))
                                .toList(),
                        rows.get(0).lastHost(),
                        rows.get(0).more(),
                        rows.get(0).heldBack(),
                        rows.get(0).nextIn()));
    }

    /** Makes due up to {@code limit} requests whose time has come. */
    public Mono<Promotion> promote(int limit) {
        return database.list(
                        "promote",
                        statement -> statement.bind(0, limit),
                        row -> new Promotion(
                                present(row, "promoted", Long.class),
                                present(row, "keyed", Boolean.class),
                                nextIn(row)))
                .map(rows -> rows.get(0))
                // One that cannot be made due must not hold up the others.
                .onErrorResume(DatabaseFailure::blamesARow, error -> promoteEach(limit));
    }

    private Mono<Promotion> promoteEach(int limit) {
        return database.list(
                        "promote_each",
                        statement -> statement.bind(0, limit),
                        row -> new Promotion(
                                present(row, "promoted", Long.class),
                                false,
                                // There may be more, and what waits otherwise was not asked.
                                Optional.of(Duration.ZERO)))
                .map(rows -> rows.get(0));
    }

    /**
     * What bridges that died, or were cut off, have given back.
     *
     * @param lost how many requests
     * @param nextIn when the next lease of another bridge is over, unless it is extended
     */
    public record Rescue(long lost, Optional<Duration> nextIn) {}

    /** Gives back what up to {@code limit} leases hold that are over, and whose bridge has not been seen of late. */
    public Mono<Rescue> rescue(int limit) {
        return database.list(
                        "rescue",
                        statement -> statement.bind(0, limit).bind(1, self.id()).bind(2, interval(timings.silence())),
                        row -> new Rescue(present(row, "lost", Long.class), nextIn(row)))
                .map(rows -> rows.get(0));
    }

    private static Optional<Duration> nextIn(Readable row) {
        return Optional.ofNullable(row.get("next_seconds", Double.class)).map(RequestQueue::seconds);
    }

    /** Makes dead letters of up to {@code limit} requests that were lost too often with their bridges; gives how many. */
    public Mono<Long> buryLost(int limit) {
        return database.list(
                        "bury_lost", statement -> statement.bind(0, limit), row -> present(row, "buried", Long.class))
                .map(rows -> rows.get(0));
    }

    /** Decides up to {@code limit} requests that were queued while another with their key was; gives how many. */
    public Mono<Integer> admitKeyed(int limit) {
        return database.list(
                        "admit_keyed",
                        statement -> statement.bind(0, limit),
                        row -> present(row, "decided", Integer.class))
                .map(rows -> rows.get(0));
    }

    /**
     * Opens the breaker of a host, for all bridges.
     *
     * @param pause until a probe goes out, the first time
     * @param probe whether a probe has failed, so that it was half open; else it opens only if it was closed
     * @return until when, from now; empty when it was as wanted already
     */
    public Mono<Duration> openBreaker(String host, Duration pause, boolean probe) {
        return database.list(
                        "breaker_open",
                        statement ->
                                statement.bind(0, host).bind(1, interval(pause)).bind(2, probe),
                        row -> seconds(present(row, "seconds", Double.class)))
                .flatMap(rows -> Mono.justOrEmpty(rows.stream().findFirst()));
    }

    /** Closes the breaker of a host, for all bridges, and calls them; false when it was closed already. */
    public Mono<Boolean> closeBreaker(String host) {
        return database.list(
                        "breaker_close",
                        statement -> statement.bind(0, host),
                        row -> present(row, "host", String.class))
                .map(rows -> !rows.isEmpty());
    }

    /**
     * Whether an attempt may go on to another host.
     *
     * @param problem why it may not
     * @param askAgainIn when to ask again; empty where it goes, or may not
     */
    public record HopAnswer(Optional<String> problem, Optional<Duration> askAgainIn) {}

    /** Asks whether an attempt may go on to the host that a redirect leads to; where it may, it takes a slot of that host. */
    public Mono<HopAnswer> hop(Attempt attempt, String host) {
        return database.list(
                        "hop",
                        statement -> statement
                                .bind(0, attempt.id())
                                .bind(1, attempt.lease())
                                .bind(2, host),
                        row -> new HopAnswer(
                                Optional.ofNullable(row.get("problem", String.class)),
                                Optional.ofNullable(row.get("wait_seconds", Double.class))
                                        .map(RequestQueue::seconds)))
                .map(rows -> rows.get(0));
    }

    /** What an outcome adds to a write-back, roughly, in bytes. */
    public static long weight(Completed completed) {
        return ResponseRow.weight(completed);
    }

    /**
     * What became of a batch of outcomes. One that is in neither set had lost its lease.
     *
     * @param written those in the database
     * @param locked those whose row another transaction has locked just now: to be written later
     */
    public record WriteBack(Set<Attempt> written, Set<Attempt> locked) {}

    /** Writes outcomes back; waits for no lock on their rows. */
    public Mono<WriteBack> complete(List<Completed> batch) {
        return Mono.defer(() -> {
            List<ResponseRow> rows = batch.stream()
                    .map(completed -> ResponseRow.of(completed, encoding))
                    .toList();
            return database.list(
                            "complete",
                            statement -> statement
                                    .bind(0, column(rows, Long[]::new, ResponseRow::id))
                                    .bind(1, column(rows, Long[]::new, ResponseRow::lease))
                                    .bind(2, column(rows, Integer[]::new, ResponseRow::statusCode))
                                    .bind(3, column(rows, String[]::new, ResponseRow::contentType))
                                    .bind(4, column(rows, String[]::new, ResponseRow::headers))
                                    .bind(5, column(rows, String[]::new, ResponseRow::content))
                                    .bind(6, column(rows, String[]::new, row -> base64(row.contentBytes())))
                                    .bind(7, column(rows, Boolean[]::new, ResponseRow::timedOut))
                                    .bind(8, column(rows, String[]::new, ResponseRow::errorMessage))
                                    .bind(9, column(rows, Long[]::new, ResponseRow::retryMillis))
                                    .bind(10, column(rows, Integer[]::new, ResponseRow::attempt))
                                    .bind(11, column(rows, Boolean[]::new, ResponseRow::spent))
                                    .bind(12, column(rows, String[]::new, ResponseRow::failure))
                                    .bind(13, column(rows, Double[]::new, ResponseRow::tookMillis))
                                    .bind(14, column(rows, Double[]::new, ResponseRow::ageMillis))
                                    .bind(15, self.name()),
                            row -> Map.entry(attempt(row), present(row, "locked", Boolean.class)))
                    .map(states -> {
                        Map<Boolean, Set<Attempt>> byLock = states.stream()
                                .collect(Collectors.partitioningBy(
                                        Map.Entry::getValue,
                                        Collectors.mapping(Map.Entry::getKey, Collectors.toSet())));
                        return new WriteBack(byLock.getOrDefault(false, Set.of()), byLock.getOrDefault(true, Set.of()));
                    });
        });
    }

    /** Gives a request a lease of its own; empty where it has one, or has lost it. */
    public Mono<Long> isolate(Attempt attempt) {
        return database.list(
                        "isolate",
                        statement -> statement.bind(0, attempt.id()).bind(1, attempt.lease()),
                        row -> present(row, "number", Long.class))
                .flatMap(rows -> Mono.justOrEmpty(rows.stream().findFirst()));
    }

    /** Keeps a request whose answer cannot be stored out of every claim, with the reason. */
    public Mono<Boolean> park(Attempt attempt, String reason) {
        return database.list(
                        "park",
                        statement -> statement
                                .bind(0, attempt.id())
                                .bind(1, attempt.lease())
                                .bind(2, encoding.representable(reason)),
                        RequestQueue::id)
                .map(ids -> !ids.isEmpty());
    }

    /** Extends leases from now; gives those extended. One that is just being written back may be missing. */
    public Mono<Set<Long>> extend(Set<Long> leases) {
        return database.list(
                        "extend",
                        statement -> statement
                                .bind(0, leases.toArray(Long[]::new))
                                .bind(1, interval(timings.lease()))
                                .bind(2, self.id()),
                        row -> present(row, "number", Long.class))
                .map(HashSet::new);
    }

    /**
     * Gives leases back; gives those released.
     *
     * @param begun those of them that may have reached their target
     */
    public Mono<Set<Attempt>> release(Collection<Attempt> attempts, Set<Attempt> begun) {
        return database.list(
                        "release",
                        statement -> statement
                                .bind(0, ids(attempts))
                                .bind(1, leases(attempts))
                                .bind(2, self.id())
                                .bind(3, attempts.stream().map(begun::contains).toArray(Boolean[]::new))
                                .bind(4, self.name()),
                        RequestQueue::attempt)
                .map(HashSet::new);
    }

    /** Gives back what this replica has claimed and does not hold: claims whose answer was lost, sends that were given up. */
    public Mono<Integer> recover(Collection<Attempt> held) {
        return database.list(
                        "recover", statement -> statement.bind(0, self.id()).bind(1, ids(held)), RequestQueue::id)
                .map(List::size);
    }

    /** A row of a claim: the claim's own columns, and a request unless it found none. */
    private record Claimed(
            String lastHost,
            boolean more,
            boolean heldBack,
            Optional<Duration> nextIn,
            Optional<QueuedRequest> request) {

        static Claimed of(Readable row) {
            String lastHost = row.get("last_host", String.class);
            return new Claimed(
                    lastHost == null ? "" : lastHost,
                    present(row, "more", Boolean.class),
                    present(row, "held_back", Boolean.class),
                    RequestQueue.nextIn(row),
                    row.get("id", Long.class) == null ? Optional.empty() : Optional.of(RequestQueue.request(row)));
        }
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
                present(row, "lease_number", Long.class),
                present(row, "attempt", Integer.class),
                present(row, "method", String.class),
                present(row, "url", String.class),
                headers,
                row.get("body", byte[].class),
                present(row, "body_length", Integer.class),
                Duration.ofMillis(present(row, "timeout_milliseconds", Integer.class)),
                present(row, "idempotency_key", UUID.class),
                present(row, "max_attempts", Integer.class),
                present(row, "failures", Integer.class),
                problem,
                present(row, "host", String.class),
                present(row, "probe", Boolean.class),
                breaker(row),
                seconds(present(row, "waited_seconds", Double.class)));
    }

    private static @Nullable BreakerRule breaker(Readable row) {
        Double failureRate = row.get("break_failure_rate", Double.class);
        Integer minRequests = row.get("break_min_requests", Integer.class);
        Double pause = row.get("break_seconds", Double.class);
        return failureRate == null || minRequests == null || pause == null
                ? null
                : new BreakerRule(failureRate, minRequests, seconds(pause));
    }

    private static Attempt attempt(Readable row) {
        return new Attempt(id(row), present(row, "lease", Long.class));
    }

    static Long id(Readable row) {
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

    private static Long[] leases(Collection<Attempt> attempts) {
        return attempts.stream().map(Attempt::lease).toArray(Long[]::new);
    }

    static String interval(Duration duration) {
        return duration.toMillis() + " milliseconds";
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }
}
