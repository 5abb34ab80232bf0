package io.pgnetty.postgres;

import java.util.List;
import java.util.UUID;
import reactor.core.publisher.Mono;

/** This bridge's row in {@code net.replicas}. */
public final class Replicas {

    private final Database database;
    private final UUID replica;
    private final String name;
    private final String version;

    /** @param name what people call this replica, such as its host's name */
    public Replicas(Database database, UUID replica, String name, String version) {
        this.database = database;
        this.replica = replica;
        this.name = name;
        this.version = version;
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
                                .bind(0, replica)
                                .bind(1, name)
                                .bind(2, version)
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
                        statement -> statement.bind(0, replica),
                        row -> RequestQueue.present(row, "replica", UUID.class))
                .then();
    }
}
