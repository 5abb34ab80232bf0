package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** Installs, drops and verifies schema {@code net}. The SQL is one script, the same for us and for psql. */
public final class Schema {

    private static final int OLDEST_VERSION = 150_000;

    private Schema() {}

    /**
     * What to install.
     *
     * @param grant roles that may use it; {@code public} for everyone
     * @param unlogged whether the tables are unlogged; empty keeps what is there, and is logged at first
     * @param adopt what becomes of the requests in a database that was restored from another one's dump; empty refuses it
     */
    public record Options(List<String> grant, Optional<Boolean> unlogged, Optional<Adopt> adopt) {}

    /** What becomes of the requests that a restored dump brought along. */
    public enum Adopt {
        /** They are sent from here. */
        KEEP,
        /** They are deleted, and so are dead letters. */
        DISCARD
    }

    /** The script that installs or upgrades, one transaction from {@code begin} to {@code commit}. */
    public static String installScript(Options options) {
        StringBuilder script = new StringBuilder("begin;\n");
        set(script, "pgnetty.grantees", array(options.grant()));
        set(script, "pgnetty.unlogged", options.unlogged().map(String::valueOf).orElse(""));
        set(
                script,
                "pgnetty.adopt",
                options.adopt()
                        .map(adopt -> adopt.name().toLowerCase(Locale.ROOT))
                        .orElse(""));
        set(script, "pgnetty.granted", array(grantedFunctions()));
        append(script, Sql.file("install/guard.sql"));
        Sql.folder("base").forEach(path -> append(script, Sql.file(path)));
        List<String> steps = Sql.folder("schema");
        for (int step = 1; step <= steps.size(); step++) {
            append(
                    script,
                    Sql.file("install/step.sql")
                            .replace("{step}", String.valueOf(step))
                            .replace("{statements}", Sql.file(steps.get(step - 1))));
        }
        Sql.folder("functions").forEach(path -> append(script, Sql.file(path)));
        append(script, Sql.file("install/persistence.sql"));
        append(script, Sql.file("install/identity.sql"));
        append(script, Sql.file("install/privileges.sql"));
        append(script, Sql.file("install/call.sql"));
        return script.append("commit;\n").toString();
    }

    /** The script that drops what the other one made. */
    public static String uninstallScript(boolean force) {
        StringBuilder script = new StringBuilder("begin;\n");
        set(script, "pgnetty.force", String.valueOf(force));
        set(script, "pgnetty.functions", array(functions()));
        append(script, Sql.file("install/uninstall.sql"));
        return script.append("commit;\n").toString();
    }

    /**
     * Runs a script on a connection of its own.
     *
     * @return errors with the driver's exception, see {@link DatabaseFailure}; nothing is changed then
     */
    public static Mono<Void> run(DatabaseUrl url, String script) {
        return Mono.usingWhen(
                Connections.plain(url).create(),
                connection -> connection
                        .createStatement(script)
                        .execute()
                        .concatMap(result -> result.getRowsUpdated())
                        .then(),
                PostgresqlConnection::close);
    }

    /**
     * Looks whether a bridge can work here.
     *
     * @return the database's encoding; errors with {@link NotReadyException}, or with the driver's exception
     */
    public static Mono<String> verify(Database database) {
        return database.list("verify", statement -> {}, Facts::of).flatMap(rows -> {
            Facts facts = rows.get(0);
            Optional<String> problem = facts.problem();
            if (problem.isPresent()) {
                return Mono.error(new NotReadyException(problem.get()));
            }
            return checkStep(database).thenReturn(facts.encoding());
        });
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
        return database.list("identity", statement -> {}, row -> RequestQueue.present(row, "same", Boolean.class))
                .flatMap(rows -> rows.equals(List.of(true))
                        ? Mono.empty()
                        : Mono.error(new NotReadyException(
                                "schema net of this database comes from another one, by a dump or an upgrade of the "
                                        + "cluster: run pgnetty install --adopt keep to send the requests that came with "
                                        + "it, or --adopt discard to delete them")));
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
            boolean permitted) {

        static Facts of(Readable row) {
            return new Facts(
                    RequestQueue.present(row, "version_number", Integer.class),
                    RequestQueue.present(row, "version", String.class),
                    RequestQueue.present(row, "standby", Boolean.class),
                    RequestQueue.present(row, "encoding", String.class),
                    RequestQueue.present(row, "database", String.class),
                    RequestQueue.present(row, "role", String.class),
                    RequestQueue.present(row, "extension", Boolean.class),
                    RequestQueue.present(row, "schema", Boolean.class),
                    RequestQueue.present(row, "installed", Boolean.class),
                    RequestQueue.present(row, "trusted", Boolean.class),
                    RequestQueue.present(row, "owner", String.class),
                    RequestQueue.present(row, "permitted", Boolean.class));
        }

        Optional<String> problem() {
            if (versionNumber < OLDEST_VERSION) {
                return Optional.of("PostgreSQL " + version + " is not supported: pgnetty needs 15 or later");
            }
            if (standby) {
                return Optional.of("the server is a standby, where nothing can be claimed: give the primary's URL");
            }
            if (extension && !installed) {
                return Optional.of(
                        "schema net belongs to the extension pg_net: let its queue run empty, drop extension "
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
                return Optional.of(
                        "role " + role + " is a superuser and schema net is not a superuser's, whose triggers would "
                                + "run as it: run as " + owner);
            }
            if (!permitted) {
                return Optional.of("role " + role + " may not work on schema net: run as " + owner);
            }
            return Optional.empty();
        }
    }

    private static List<String> functions() {
        return functionFiles().map(Schema::functionName).toList();
    }

    /** Functions that a role with {@code --grant} may execute: those for people, and the helpers that these call. */
    private static List<String> grantedFunctions() {
        return functionFiles()
                .filter(path -> {
                    String file = Sql.file(path);
                    return file.startsWith("-- API: public\n") || file.startsWith("-- API: helper\n");
                })
                .map(Schema::functionName)
                .toList();
    }

    private static Stream<String> functionFiles() {
        return Stream.of("base", "functions").flatMap(folder -> Sql.folder(folder).stream());
    }

    private static String functionName(String path) {
        return path.substring(path.indexOf('/') + 1, path.length() - ".sql".length());
    }

    private static void append(StringBuilder script, String part) {
        script.append('\n').append(part);
    }

    /** A setting of the transaction, by which the script's blocks get their parameters. */
    private static void set(StringBuilder script, String name, String value) {
        script.append("set local ")
                .append(name)
                .append(" = '")
                .append(value.replace("'", "''"))
                .append("';\n");
    }

    /** An array literal; each element quoted. */
    private static String array(List<String> elements) {
        return elements.stream()
                .map(element -> '"' + element.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                .collect(Collectors.joining(",", "{", "}"));
    }
}
