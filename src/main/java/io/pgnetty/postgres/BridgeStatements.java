package io.pgnetty.postgres;

import io.pgnetty.config.Config;

/**
 * All that a bridge does in the database.
 *
 * @param database the connections that they run on
 * @param requests claims, write-backs and leases
 * @param due what the clock brings
 * @param hosts circuit breakers and redirects
 * @param maintenance retention, counts, identity
 * @param heartbeats heartbeats
 * @param callbacks functions that are to be called with responses
 */
public record BridgeStatements(
        Database database,
        RequestQueue requests,
        DueRequests due,
        HostStatements hosts,
        MaintenanceStatements maintenance,
        Heartbeats heartbeats,
        CallbackStatements callbacks) {

    /**
     * For one bridge.
     *
     * @param encoding the database's, such as {@code UTF8}
     */
    public static BridgeStatements of(Database database, BridgeId self, Config config, String encoding) {
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
                new MaintenanceStatements(database),
                new Heartbeats(database, self, config.egress()),
                new CallbackStatements(database));
    }
}
