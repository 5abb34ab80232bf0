package io.pgnetty.postgres;

import io.r2dbc.spi.Readable;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Reads what goes on, for the command {@code status}. */
public final class StatusReader {

    private final Database database;

    /** Connects when asked. */
    public StatusReader(Database database) {
        this.database = database;
    }

    /**
     * One screen.
     *
     * @param queued due, and not sent yet
     * @param scheduled for later
     * @param behind that wait for another with their ordering_key
     * @param retrying failed, and will be sent again
     * @param oldestSeconds age of the oldest request that is due, or null when none is
     * @param dead requests in {@code net.dead_letter}
     * @param parked requests that are kept out of every claim, each with a reason
     * @param responses kept until their retention ends; {@code failed} of them failed
     * @param paused host patterns to which nothing is sent
     */
    public record Status(
            boolean unlogged,
            long queued,
            long inFlight,
            long scheduled,
            long behind,
            long retrying,
            long dead,
            @Nullable Double oldestSeconds,
            long parked,
            long responses,
            long failed,
            String paused,
            List<BridgeRow> bridges,
            List<Host> hosts) {}

    /**
     * A bridge.
     *
     * @param egressAllow {@code --egress-allow}, sorted, or null of an earlier version; so {@code egressDeny}
     */
    public record BridgeRow(
            String name,
            String version,
            String state,
            int inFlight,
            double upSeconds,
            double seenSeconds,
            @Nullable String egressAllow,
            @Nullable String egressDeny) {}

    /**
     * A host and what the queue holds for it.
     *
     * @param brokenSeconds until its open circuit breaker lets a probe through, 0 when it does; null when it is closed
     */
    public record Host(
            String host,
            long queued,
            long inFlight,
            long later,
            boolean paused,
            @Nullable Double brokenSeconds) {}

    /** Reads it all; errors with {@link NotReadyException} or the driver's exception. */
    public Mono<Status> read() {
        return Readiness.verifyLooking(database)
                .then(Mono.defer(() -> Mono.zip(bridges(), hosts()))
                        .flatMap(lists -> database.list(
                                        "status", statement -> {}, row -> status(row, lists.getT1(), lists.getT2()))
                                .map(rows -> rows.get(0))));
    }

    private Mono<List<BridgeRow>> bridges() {
        return database.list(
                "status_bridges",
                statement -> {},
                row -> new BridgeRow(
                        Rows.present(row, "name", String.class),
                        Rows.present(row, "version", String.class),
                        Rows.present(row, "state", String.class),
                        Rows.present(row, "in_flight", Integer.class),
                        Rows.present(row, "up_seconds", Double.class),
                        Rows.present(row, "seen_seconds", Double.class),
                        row.get("egress_allow", String.class),
                        row.get("egress_deny", String.class)));
    }

    private Mono<List<Host>> hosts() {
        return database.list(
                "status_hosts",
                statement -> {},
                row -> new Host(
                        Rows.present(row, "host", String.class),
                        Rows.present(row, "queued", Long.class),
                        Rows.present(row, "in_flight", Long.class),
                        Rows.present(row, "later", Long.class),
                        Rows.present(row, "paused", Boolean.class),
                        row.get("broken_seconds", Double.class)));
    }

    private static Status status(Readable row, List<BridgeRow> bridges, List<Host> hosts) {
        return new Status(
                Rows.present(row, "unlogged", Boolean.class),
                Rows.present(row, "queued", Long.class),
                Rows.present(row, "in_flight", Long.class),
                Rows.present(row, "scheduled", Long.class),
                Rows.present(row, "behind", Long.class),
                Rows.present(row, "retrying", Long.class),
                Rows.present(row, "dead", Long.class),
                row.get("oldest_seconds", Double.class),
                Rows.present(row, "parked", Long.class),
                Rows.present(row, "responses", Long.class),
                Rows.present(row, "failed", Long.class),
                Rows.present(row, "paused", String.class),
                bridges,
                hosts);
    }
}
