package io.pgnetty.postgres;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import reactor.core.publisher.Mono;

/** This bridge's row in {@code net.replicas}. */
public final class Replicas {

    private final Database database;
    private final Self self;

    /**
     * Who this bridge is.
     *
     * @param id another one at each start
     * @param name what people call it, such as its host's name
     */
    public record Self(UUID id, String name, String version) {}

    /** Writes for the given bridge. */
    public Replicas(Database database, Self self) {
        this.database = database;
        this.self = self;
    }

    /**
     * What a heartbeat brings back.
     *
     * @param restarts how often a restart of the bridges has been asked for
     * @param onDuty whether this bridge is the one that looks while senders are quiet
     * @param others how many other bridges are at work
     * @param broken how many hosts have their breaker open
     * @param rules another text whenever the rules of hosts are changed
     * @param misfit why this bridge does not fit the schema any more, with what to do
     */
    public record Pulse(
            long restarts, boolean onDuty, long others, long broken, String rules, Optional<String> misfit) {

        private static Pulse none(String misfit) {
            return new Pulse(0, false, 0, 0, "", Optional.of(misfit));
        }
    }

    /**
     * Says that this bridge is there.
     *
     * @param fit whether it can be on duty
     * @param duty for how long it is then, unless it says so again
     */
    public Mono<Pulse> heartbeat(String state, int inFlight, boolean fit, Duration duty) {
        return database.list(
                        "heartbeat",
                        statement -> statement
                                .bind(0, self.id())
                                .bind(1, self.name())
                                .bind(2, self.version())
                                .bind(3, state)
                                .bind(4, inFlight)
                                .bind(5, fit)
                                .bind(6, Rows.interval(duty))
                                .bind(7, Readiness.knownStep()),
                        row -> new Pulse(
                                Rows.present(row, "restarts", Long.class),
                                Rows.present(row, "on_duty", Boolean.class),
                                Rows.present(row, "others", Long.class),
                                Rows.present(row, "broken", Long.class),
                                Rows.present(row, "rules", String.class),
                                Readiness.misfit(Rows.present(row, "step", Integer.class))))
                .map(rows -> rows.get(0))
                // A newer schema may not know this statement any more.
                .onErrorResume(error -> Readiness.step(database)
                        .flatMap(step -> Readiness.misfit(step)
                                .map(misfit -> Mono.just(Pulse.none(misfit)))
                                .orElse(Mono.error(error))));
    }

    /** Forgets the bridges that died long ago. */
    public Mono<Integer> forgetOld() {
        return database.list("forget_replicas", statement -> {}, row -> Rows.present(row, "replica", UUID.class))
                .map(List::size);
    }

    /** Calls the other bridges to the queue. */
    public Mono<Void> ring() {
        return database.list("ring", statement -> {}, row -> 0).then();
    }

    /** Says that this bridge has stopped. */
    public Mono<Void> farewell() {
        return database.list(
                        "farewell",
                        statement -> statement.bind(0, self.id()),
                        row -> Rows.present(row, "replica", UUID.class))
                .then();
    }
}
