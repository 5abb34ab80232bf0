package io.pgnetty.postgres;

import static io.pgnetty.postgres.Rows.interval;
import static io.pgnetty.postgres.Rows.nextIn;
import static io.pgnetty.postgres.Rows.present;

import io.pgnetty.config.LeaseTimings;
import java.time.Duration;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** What the clock brings: schedules and retries that are due, leases that are over, keys that can be decided. */
public final class DueRequests {

    private final Database database;
    private final BridgeId self;
    private final LeaseTimings timings;

    /** For the given bridge. */
    public DueRequests(Database database, BridgeId self, LeaseTimings timings) {
        this.database = database;
        this.self = self;
        this.timings = timings;
    }

    /**
     * What became due by the clock.
     *
     * @param promoted how many requests
     * @param keyed whether there are requests whose idempotency_key must be looked at, see {@link #admitKeyed}
     * @param ordered whether there are some whose ordering_key must be looked at, as a claim does
     * @param nextIn when the next one becomes due, if one is known
     */
    public record Promotion(long promoted, boolean keyed, boolean ordered, Optional<Duration> nextIn) {}

    /** Makes due up to {@code limit} requests whose time has come. */
    public Mono<Promotion> promote(int limit) {
        return database.list(
                        "promote",
                        statement -> statement.bind(0, limit),
                        row -> new Promotion(
                                present(row, "promoted", Long.class),
                                present(row, "keyed", Boolean.class),
                                present(row, "ordered", Boolean.class),
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
                                false,
                                // There may be more; when the next one is due was not asked.
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
}
