package io.pgnetty.postgres;

import static io.pgnetty.postgres.Rows.id;
import static io.pgnetty.postgres.Rows.interval;
import static io.pgnetty.postgres.Rows.present;

import io.pgnetty.config.LeaseTimings;
import io.pgnetty.request.Completed;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The queue protocol: claim under a lease, extend, complete, release, and promote what waited for its time. Every write is
 * fenced on the lease. Each operation is one statement of {@code sql/statements}, whose file says which index serves it and what it locks.
 */
public final class RequestQueue {

    private final Database database;
    private final BridgeId self;
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
            Database database, BridgeId self, LeaseTimings timings, long maxRequestBytes, String serverEncoding) {
        this.database = database;
        this.self = self;
        this.timings = timings;
        this.maxRequestBytes = maxRequestBytes;
        this.encoding = new TextEncoding(serverEncoding);
    }

    /** Claims requests; roles take turns, and the hosts of each role do. */
    public Mono<Claim> claim(ClaimTerms terms) {
        return claimOnce(terms)
                // A row that cannot be read must not hold up the others.
                .onErrorResume(
                        DatabaseFailure::blamesARow,
                        error ->
                                parkUnreadable().flatMap(parked -> parked == 0 ? Mono.error(error) : claimOnce(terms)));
    }

    private Mono<Long> parkUnreadable() {
        return database.list("park_unreadable", statement -> {}, row -> present(row, "parked", Long.class))
                .map(rows -> rows.get(0));
    }

    private Mono<Claim> claimOnce(ClaimTerms terms) {
        List<Holding> held = List.copyOf(terms.held());
        List<Map.Entry<Long, String>> hosts = List.copyOf(terms.turns().hosts().entrySet());
        ClaimReader reader = new ClaimReader();
        return database.list(
                        "claim",
                        statement -> statement
                                .bind(0, terms.requests())
                                .bind(1, interval(timings.lease()))
                                .bind(2, self.id())
                                .bind(3, maxRequestBytes)
                                .bind(4, terms.bytes())
                                .bind(5, terms.hosts())
                                .bind(6, terms.slots())
                                .bind(7, terms.turns().role())
                                .bind(8, column(hosts, Long[]::new, Map.Entry::getKey))
                                .bind(9, column(hosts, String[]::new, Map.Entry::getValue))
                                .bind(10, column(held, Long[]::new, Holding::role))
                                .bind(11, column(held, Integer[]::new, Holding::requests))
                                .bind(12, column(held, Integer[]::new, Holding::slow))
                                .bind(13, terms.excluded().toArray(String[]::new)),
                        reader::read)
                .map(rows -> Claim.of(rows, terms));
    }

    /** What an outcome adds to a write-back, roughly, in bytes. */
    public static long weight(Completed completed) {
        return ResponseRow.weight(completed);
    }

    /** Writes outcomes back; waits for no lock on their rows. */
    public Mono<WrittenBack> complete(List<Completed> batch) {
        return Mono.defer(() -> {
            List<ResponseRow> rows = batch.stream()
                    .map(completed -> ResponseRow.of(completed, encoding))
                    .toList();
            return database.list(
                            "complete",
                            statement -> bind(statement, rows),
                            row -> new WrittenBack.Row(
                                    attempt(row),
                                    present(row, "locked", Boolean.class),
                                    present(row, "in_order", Boolean.class)))
                    .map(WrittenBack::of);
        });
    }

    private void bind(Statement statement, List<ResponseRow> rows) {
        statement
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
                .bind(11, column(rows, Boolean[]::new, ResponseRow::exhausted))
                .bind(12, column(rows, String[]::new, ResponseRow::failure))
                .bind(13, column(rows, Double[]::new, ResponseRow::tookMillis))
                .bind(14, column(rows, Double[]::new, ResponseRow::ageMillis))
                .bind(15, self.name())
                .bind(16, self.id());
    }

    /** Gives a request a lease of its own; empty where it has one, or has lost it. */
    public Mono<Long> isolate(Attempt attempt) {
        return database.list(
                        "isolate",
                        statement -> statement
                                .bind(0, attempt.id())
                                .bind(1, attempt.lease())
                                .bind(2, self.id()),
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
                                .bind(2, encoding.representable(reason))
                                .bind(3, self.id()),
                        Rows::id)
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

    /** Makes sure that no new lease has the number of one of these. */
    public Mono<Void> passLeases(Collection<Attempt> held) {
        long highest = held.stream().mapToLong(Attempt::lease).max().orElse(0);
        return database.list("pass_leases", statement -> statement.bind(0, highest), row -> 0)
                .then();
    }

    /** Gives back what this bridge has claimed and does not hold: claims whose answer was lost, sends that were given up. */
    public Mono<Integer> recover(Collection<Attempt> held) {
        return database.list(
                        "recover", statement -> statement.bind(0, self.id()).bind(1, ids(held)), Rows::id)
                .map(List::size);
    }

    private static Attempt attempt(Readable row) {
        return new Attempt(id(row), present(row, "lease", Long.class));
    }

    private static <R, T> @Nullable T[] column(
            List<R> rows, IntFunction<@Nullable T[]> array, Function<R, @Nullable T> value) {
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
}
