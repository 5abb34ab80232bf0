package io.pgnetty.postgres;

import java.util.Set;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/** What {@code net.allow_secret} has said. No secret is in the database. */
public final class SecretStatements {

    private final Database database;

    /** Runs them there. */
    public SecretStatements(Database database) {
        this.database = database;
    }

    /**
     * Those of the secrets that may be used.
     *
     * @param role who queued, by its object id
     * @param host as it is counted and ruled
     * @param use {@code header} or {@code signing}
     */
    public Mono<Set<String>> usable(Set<String> names, long role, String host, String use, boolean plainHttp) {
        return database.list(
                        "usable_secrets",
                        statement -> statement
                                .bind(0, names.toArray(String[]::new))
                                .bind(1, role)
                                .bind(2, host)
                                .bind(3, use)
                                .bind(4, plainHttp),
                        row -> Rows.present(row, "name", String.class))
                .map(rows -> rows.stream().collect(Collectors.toUnmodifiableSet()));
    }
}
