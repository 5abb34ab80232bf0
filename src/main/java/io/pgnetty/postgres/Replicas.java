package io.pgnetty.postgres;

import java.util.List;
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
     * Says that this bridge is there.
     *
     * @return how often a restart of the bridges has been asked for
     */
    public Mono<Long> heartbeat(String state, int inFlight) {
        return database.list(
                        "heartbeat",
                        statement -> statement
                                .bind(0, self.id())
                                .bind(1, self.name())
                                .bind(2, self.version())
                                .bind(3, state)
                                .bind(4, inFlight),
                        row -> RequestQueue.present(row, "restarts", Long.class))
                .map(rows -> rows.get(0));
    }

    /** Forgets the bridges that died long ago. */
    public Mono<Integer> forgetOld() {
        return database.list(
                        "forget_replicas", statement -> {}, row -> RequestQueue.present(row, "replica", UUID.class))
                .map(List::size);
    }

    /** Says that this bridge has stopped. */
    public Mono<Void> farewell() {
        return database.list(
                        "farewell",
                        statement -> statement.bind(0, self.id()),
                        row -> RequestQueue.present(row, "replica", UUID.class))
                .then();
    }
}
