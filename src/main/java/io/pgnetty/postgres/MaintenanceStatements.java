package io.pgnetty.postgres;

import io.pgnetty.request.QueueDepth;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Maintenance of the tables: retention, counts, vacuum, identity. Each operation is one statement. */
public final class MaintenanceStatements {

    private final Database database;

    /** Runs on the given database. */
    public MaintenanceStatements(Database database) {
        this.database = database;
    }

    /** Deletes up to {@code limit} responses older than {@code ttl}; gives how many. */
    public Mono<Integer> expireResponses(int limit, Duration ttl) {
        return expire("expire_responses", limit, ttl);
    }

    /** Deletes up to {@code limit} requests that were parked longer than {@code ttl} ago; gives how many. */
    public Mono<Integer> expireParked(int limit, Duration ttl) {
        return expire("expire_parked", limit, ttl);
    }

    /** Deletes up to {@code limit} dead letters older than {@code ttl}; gives how many. */
    public Mono<Integer> expireDeadLetters(int limit, Duration ttl) {
        return expire("expire_dead_letters", limit, ttl);
    }

    /** Deletes up to {@code limit} callbacks older than {@code ttl}, with their reason where they failed; gives how many. */
    public Mono<Integer> expireCallbacks(int limit, Duration ttl) {
        return expire("expire_callbacks", limit, ttl);
    }

    /** Deletes up to {@code limit} requests whose time to be kept after success is over; gives how many. */
    public Mono<Integer> expireSent(int limit) {
        return database.list("expire_sent", statement -> statement.bind(0, limit), Rows::id)
                .map(List::size);
    }

    /** Deletes up to {@code limit} of the oldest such requests of roles that keep more than {@code bytes}; gives how many. */
    public Mono<Integer> trimSent(int limit, long bytes) {
        return database.list("trim_sent", statement -> statement.bind(0, limit).bind(1, bytes), Rows::id)
                .map(List::size);
    }

    /** Forgets up to {@code limit} hosts for which nothing waits; gives how many. */
    public Mono<Integer> expireHosts(int limit) {
        return database.list(
                        "expire_hosts",
                        statement -> statement.bind(0, limit),
                        row -> Rows.present(row, "host", String.class))
                .map(List::size);
    }

    /** Counts requests and dead letters, exactly up to {@code limit}, the bridges and the pauses. */
    public Mono<QueueDepth> depth(int limit) {
        return database.list(
                        "depth",
                        statement -> statement.bind(0, limit),
                        row -> new QueueDepth(
                                Rows.present(row, "depth", Long.class),
                                Rows.present(row, "oldest_seconds", Double.class),
                                Rows.present(row, "dead_letters", Long.class),
                                Rows.present(row, "bridges", Long.class),
                                Rows.present(row, "paused", Long.class)))
                .map(rows -> rows.get(0));
    }

    /** Moves the sequence of ids past what is known, where it was set back; gives where to, or nothing. */
    public Mono<Long> advanceIds() {
        return database.list("advance_ids", statement -> {}, row -> Optional.ofNullable(row.get("id", Long.class)))
                .flatMap(moved -> Mono.justOrEmpty(
                        moved.stream().flatMap(Optional::stream).findFirst()));
    }

    /**
     * Counts the queue, so that calls can compare with its limit.
     *
     * @param limit the most requests that may be in it
     * @return how many are in it; {@code limit + 1} for any more
     */
    public Mono<Long> room(long limit) {
        return database.list(
                        "count_queue",
                        statement -> statement.bind(0, limit),
                        row -> Rows.present(row, "depth", Long.class))
                .map(rows -> rows.get(0));
    }

    /** Whether our role may {@link #sweep}; where it may not, autovacuum does it. */
    public Mono<Boolean> maySweep() {
        return database.list("may_vacuum", statement -> {}, row -> Rows.present(row, "permitted", Boolean.class))
                .map(rows -> rows.get(0));
    }

    /** Makes the room of requests that are done available to new ones. */
    public Mono<Void> sweep() {
        return database.list("vacuum_queue", statement -> {}, row -> 0).then();
    }

    /**
     * Checks whether this is still the database that schema {@code net} was installed in.
     *
     * @return errors with {@link NotReadyException} when it is a copy
     */
    public Mono<Void> verifyIdentity() {
        return Readiness.verifyIdentity(database);
    }

    private Mono<Integer> expire(String name, int limit, Duration ttl) {
        return database.list(name, statement -> statement.bind(0, limit).bind(1, Rows.interval(ttl)), Rows::id)
                .map(List::size);
    }
}
