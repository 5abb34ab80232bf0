package io.pgnetty.postgres;

import io.pgnetty.config.Config;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;

/** This bridge's row in {@code net.bridges}. */
public final class Heartbeats {

    /** A bridge that is being replaced, or cut off for a while, is still expected to send what only it may send. */
    private static final Duration RULES_LAST = Duration.ofMinutes(5);

    private final Database database;
    private final BridgeId self;
    private final Config.Egress egress;

    /** Writes for the given bridge. */
    public Heartbeats(Database database, BridgeId self, Config.Egress egress) {
        this.database = database;
        this.self = self;
        this.egress = egress;
    }

    /**
     * Egress rules that are not those of this bridge, as {@link Config.Egress#text} has them.
     *
     * @param name of a bridge that has them, or had them a few minutes ago
     */
    public record OtherRules(String name, String allow, String deny) {}

    /**
     * What a heartbeat brings back.
     *
     * @param restarts how often a restart of the bridges has been asked for
     * @param isLeader whether this bridge is the one that polls while senders are quiet
     * @param peers how many other bridges are at work
     * @param openCircuitBreakers how many hosts have their circuit breaker open
     * @param rules another text whenever the rules of hosts are changed
     * @param isDue whether requests are due, where that was asked for
     * @param others egress rules of other bridges, as far as they are not those of this one
     * @param misfit why this bridge does not fit the schema any more, with what to do
     */
    public record HeartbeatReply(
            long restarts,
            boolean isLeader,
            long peers,
            long openCircuitBreakers,
            String rules,
            boolean isDue,
            List<OtherRules> others,
            Optional<String> misfit) {

        private static HeartbeatReply none(String misfit) {
            return new HeartbeatReply(0, false, 0, 0, "", false, List.of(), Optional.of(misfit));
        }
    }

    /**
     * Says that this bridge is there.
     *
     * @param fit whether it can be the leader
     * @param leadership for how long it is then, unless it says so again
     * @param resting whether to look for requests that are due
     */
    public Mono<HeartbeatReply> heartbeat(
            String state, int inFlight, boolean fit, Duration leadership, boolean resting) {
        return database.list(
                        "heartbeat",
                        statement -> statement
                                .bind(0, self.id())
                                .bind(1, self.name())
                                .bind(2, self.version())
                                .bind(3, state)
                                .bind(4, inFlight)
                                .bind(5, fit)
                                .bind(6, Rows.interval(leadership))
                                .bind(7, Readiness.knownStep())
                                .bind(8, Config.Egress.text(egress.allow()))
                                .bind(9, Config.Egress.text(egress.deny()))
                                .bind(10, Rows.interval(RULES_LAST))
                                .bind(11, resting),
                        row -> new HeartbeatReply(
                                Rows.present(row, "restarts", Long.class),
                                Rows.present(row, "is_leader", Boolean.class),
                                Rows.present(row, "peers", Long.class),
                                Rows.present(row, "open_circuit_breakers", Long.class),
                                Rows.present(row, "rules", String.class),
                                Rows.present(row, "is_due", Boolean.class),
                                others(row),
                                Readiness.misfit(Rows.present(row, "step", Integer.class))
                                        .or(() -> Rows.present(row, "copied", Boolean.class)
                                                ? Optional.of(Readiness.COPIED)
                                                : Optional.empty())))
                .map(rows -> rows.get(0))
                // A newer schema may not know this statement any more.
                .onErrorResume(error -> Readiness.step(database)
                        .flatMap(step -> Readiness.misfit(step)
                                .map(misfit -> Mono.just(HeartbeatReply.none(misfit)))
                                .orElse(Mono.error(error))));
    }

    private static List<OtherRules> others(Readable row) {
        String[] names = Rows.present(row, "other_names", String[].class);
        String[] allows = Rows.present(row, "other_allows", String[].class);
        String[] denies = Rows.present(row, "other_denies", String[].class);
        return IntStream.range(0, names.length)
                .mapToObj(i -> new OtherRules(names[i], allows[i], denies[i]))
                .toList();
    }

    /** Forgets the bridges that died long ago. */
    public Mono<Integer> forgetOld() {
        return database.list("forget_bridges", statement -> {}, row -> Rows.present(row, "bridge", UUID.class))
                .map(List::size);
    }

    /** Notifies the other bridges, so that they poll. */
    public Mono<Void> notifyPeers() {
        return database.list("notify_bridges", statement -> {}, row -> 0).then();
    }

    /** Says that this bridge has stopped. */
    public Mono<Void> leave() {
        return database.list(
                        "leave",
                        statement -> statement.bind(0, self.id()),
                        row -> Rows.present(row, "bridge", UUID.class))
                .then();
    }
}
