package io.pgnetty.postgres;

import io.pgnetty.config.Config;

/**
 * All that a bridge does in the database.
 *
 * @param database the connections that they run on
 * @param requests claims, write-backs and leases
 * @param due what the clock brings
 * @param hosts breakers and redirects
 * @param upkeep retention, counts, identity
 * @param replicas heartbeats
 */
public record BridgeStatements(
        Database database,
        RequestQueue requests,
        DueRequests due,
        HostStatements hosts,
        Upkeep upkeep,
        Replicas replicas) {

    /**
     * For one bridge.
     *
     * @param encoding the database's, such as {@code UTF8}
     */
    public static BridgeStatements of(Database database, Replicas.Self self, Config config, String encoding) {
        return new BridgeStatements(
                database,
                new RequestQueue(
                        database,
                        self,
                        config.database().timings(),
                        config.delivery().maxRequestBytes(),
                        encoding),
                new DueRequests(database, self, config.database().timings()),
                new HostStatements(database),
                new Upkeep(database),
                new Replicas(database, self));
    }
}
