package io.pgnetty.postgres;

import io.r2dbc.spi.Readable;
import java.util.Optional;
import reactor.core.publisher.Mono;

/** Whether a bridge can work in a database, and if not, what to do. */
public final class Readiness {

    private static final int OLDEST_VERSION = 150_000;

    /** What becomes of the requests of another database is a person's to say. */
    static final String COPIED =
            "schema net of this database comes from another one, by a dump, an upgrade of the cluster or "
                    + "replication: run pgnetty install --adopt keep to send the requests that came with it, or --adopt discard to delete all requests and dead letters";

    /** A standby becomes a primary, or its name leads to another server: it is waited for. */
    static final String STANDBY = "the server is a standby, where nothing can be claimed; waiting for a primary";

    private Readiness() {}

    /**
     * Checks whether a bridge can work here.
     *
     * @return the database's encoding; errors with {@link NotReadyException}, or with the driver's exception
     */
    public static Mono<String> verify(Database database) {
        return database.list("verify", statement -> {}, Facts::of).flatMap(rows -> {
            Facts facts = rows.get(0);
            if (facts.standby()) {
                return Mono.error(new ConnectFailure(database.place() + ": " + STANDBY));
            }
            Optional<String> problem = facts.problem();
            if (problem.isPresent()) {
                return Mono.error(new NotReadyException(problem.get()));
            }
            return checkStep(database).then(checkParts(database)).thenReturn(facts.encoding());
        });
    }

    private static Mono<Void> checkParts(Database database) {
        return database.list("missing_parts", statement -> {}, row -> Rows.present(row, "part", String.class))
                .flatMap(missing -> missing.isEmpty()
                        ? Mono.empty()
                        : Mono.error(new NotReadyException(
                                "schema net of this database is not whole, as after a restore that was cut short: "
                                        + String.join(", ", missing)
                                        + " missing: run pgnetty install, which says what to do")));
    }

    /**
     * Checks whether a role may look at what goes on, on a standby as well.
     *
     * @return errors with {@link NotReadyException}, or with the driver's exception
     */
    static Mono<Void> verifyLooking(Database database) {
        return database.list("verify", statement -> {}, Facts::of)
                .flatMap(rows -> rows.get(0)
                        .whyNotSeen()
                        .<Mono<Void>>map(problem -> Mono.error(new NotReadyException(problem)))
                        .orElseGet(() -> checkStep(database)));
    }

    private static Mono<Void> checkStep(Database database) {
        return step(database)
                .flatMap(step -> misfit(step)
                        .<Mono<Void>>map(problem -> Mono.error(new NotReadyException(problem)))
                        .orElse(Mono.empty()));
    }

    /** The newest step that this version knows. */
    static int knownStep() {
        return Sql.folder("schema").size();
    }

    /** The newest step that the database has taken. */
    static Mono<Integer> step(Database database) {
        return database.list(
                        "schema_step",
                        statement -> {},
                        row -> Optional.ofNullable(row.get("step", Integer.class))
                                .orElse(0))
                .map(rows -> rows.get(0));
    }

    /** Why a bridge of this version cannot work on a schema that has taken that step, with what to do. */
    public static Optional<String> misfit(int step) {
        int known = knownStep();
        return step == known
                ? Optional.empty()
                : Optional.of(
                        step < known
                                ? "schema net is older than this bridge: run pgnetty install"
                                : "schema net is newer than this bridge: run the version that installed it");
    }

    static Mono<Void> verifyIdentity(Database database) {
        return database.list(
                        "identity",
                        statement -> {},
                        row -> foreign(
                                Rows.present(row, "same", Boolean.class),
                                Rows.present(row, "subscription", String.class)))
                .flatMap(rows -> rows.get(0)
                        .<Mono<Void>>map(problem -> Mono.error(new NotReadyException(problem)))
                        .orElse(Mono.empty()));
    }

    private static Optional<String> foreign(boolean same, String subscription) {
        if (!subscription.isEmpty()) {
            return Optional.of(
                    "subscription \"" + subscription + "\" copies tables of schema net from another database, "
                            + "whose bridges send what is in them: take schema net out of its publication and of the "
                            + "subscription (alter subscription ... refresh publication); then run pgnetty install --adopt "
                            + "keep or discard");
        }
        return same ? Optional.empty() : Optional.of(COPIED);
    }

    private record Facts(
            int versionNumber,
            String version,
            boolean standby,
            String encoding,
            String database,
            String role,
            boolean extension,
            boolean schema,
            boolean installed,
            boolean trusted,
            String owner,
            boolean permitted,
            boolean looking) {

        static Facts of(Readable row) {
            return new Facts(
                    Rows.present(row, "version_number", Integer.class),
                    Rows.present(row, "version", String.class),
                    Rows.present(row, "standby", Boolean.class),
                    Rows.present(row, "encoding", String.class),
                    Rows.present(row, "database", String.class),
                    Rows.present(row, "role", String.class),
                    Rows.present(row, "extension", Boolean.class),
                    Rows.present(row, "schema", Boolean.class),
                    Rows.present(row, "installed", Boolean.class),
                    Rows.present(row, "trusted", Boolean.class),
                    Rows.present(row, "owner", String.class),
                    Rows.present(row, "permitted", Boolean.class),
                    Rows.present(row, "looking", Boolean.class));
        }

        Optional<String> problem() {
            Optional<String> problem = whyUnusable();
            return problem.isPresent() || permitted
                    ? problem
                    : Optional.of("role " + role + " may not run a bridge here: pgnetty install --bridge-role " + role);
        }

        Optional<String> whyNotSeen() {
            Optional<String> problem = whyUnusable();
            return problem.isPresent() || looking
                    ? problem
                    : Optional.of("role " + role + " may not look at schema net: pgnetty install --monitor " + role);
        }

        private Optional<String> whyUnusable() {
            if (versionNumber < OLDEST_VERSION) {
                return Optional.of("PostgreSQL " + version + " is not supported: pgnetty needs 15 or later");
            }
            if (extension && !installed) {
                return Optional.of(
                        "schema net belongs to the extension pg_net: wait until its queue is empty, drop extension "
                                + "pg_net, then run pgnetty install");
            }
            if (!schema) {
                return Optional.of("there is no schema net in database " + database + ": run pgnetty install");
            }
            if (!installed) {
                return Optional.of("schema net in database " + database
                        + " is not pgnetty's: rename or drop it, then run pgnetty install");
            }
            if (!trusted) {
                return Optional.of("role " + role
                        + " is a superuser and the owner of schema net is not: the owner's triggers would "
                        + "run with superuser rights: run as " + owner);
            }
            return Optional.empty();
        }
    }
}
