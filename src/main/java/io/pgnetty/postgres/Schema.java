package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.ProgramVersion;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Installs and drops schema {@code net}. The SQL is one script, the same for us and for psql. */
public final class Schema {

    private Schema() {}

    /**
     * What to install.
     *
     * @param grant roles that may use it; {@code public} for everyone
     * @param unlogged whether the tables are unlogged; empty keeps what is there, and is logged at first
     * @param bridgeRoles roles that run bridges and own nothing; made where they are not there
     * @param monitorRoles roles that see what goes on, and nothing of what is sent; made where they are not there
     * @param supabase whether Supabase's trigger function is wanted; it stays where it is
     * @param adopt what becomes of the requests in a database that was restored from another one's dump; empty refuses it
     */
    public record Options(
            List<String> grant,
            List<String> bridgeRoles,
            List<String> monitorRoles,
            Optional<Boolean> unlogged,
            Optional<Adopt> adopt,
            boolean supabase) {

        /** Without roles beside those that call. */
        public Options(List<String> grant, Optional<Boolean> unlogged, Optional<Adopt> adopt) {
            this(grant, List.of(), List.of(), unlogged, adopt);
        }

        /** Without what is Supabase's. */
        public Options(
                List<String> grant,
                List<String> bridgeRoles,
                List<String> monitorRoles,
                Optional<Boolean> unlogged,
                Optional<Adopt> adopt) {
            this(grant, bridgeRoles, monitorRoles, unlogged, adopt, false);
        }
    }

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
        setOptions(script, options);
        append(script, Sql.file("install/create_roles.sql"));
        append(script, Sql.file("install/guard.sql"));
        appendFolder(script, "base");
        appendSteps(script);
        Stream.of("internal", "api", "views").forEach(folder -> appendFolder(script, folder));
        append(script, Sql.file("install/whole.sql"));
        append(script, Sql.file("install/persistence.sql"));
        // As each bridge does at its start.
        append(script, Sql.file("statements/advance_ids.sql").stripTrailing() + ";\n");
        Stream.of("identity", "describe", "supabase", "privileges", "roles", "comments", "warn", "call")
                .forEach(part -> append(script, Sql.file("install/" + part + ".sql")));
        return script.append("commit;\n").toString().replace("{version}", ProgramVersion.current());
    }

    private static void setOptions(StringBuilder script, Options options) {
        set(script, "pgnetty.grantees", array(options.grant()));
        set(script, "pgnetty.unlogged", options.unlogged().map(String::valueOf).orElse(""));
        set(
                script,
                "pgnetty.adopt",
                options.adopt()
                        .map(adopt -> adopt.name().toLowerCase(Locale.ROOT))
                        .orElse(""));
        set(script, "pgnetty.supabase", String.valueOf(options.supabase()));
        set(script, "pgnetty.granted", array(functions("public", "helper")));
        set(script, "pgnetty.by_people", array(functions("public", "owner", "helper")));
        // What a bridge's statements call, and what its changes of the queue's rows call in turn.
        set(script, "pgnetty.internal", array(functions("private", "helper")));
        set(script, "pgnetty.bridge_roles", array(options.bridgeRoles()));
        set(script, "pgnetty.monitor_roles", array(options.monitorRoles()));
        set(script, "pgnetty.step", String.valueOf(Readiness.knownStep()));
    }

    /** What the one who has installed has to know. */
    public static Mono<List<String>> warnings(DatabaseUrl url) {
        return Mono.usingWhen(
                Mono.fromSupplier(() -> new Database(url, true)),
                database -> database.list(
                        "replications", statement -> {}, row -> Rows.present(row, "warning", String.class)),
                Database::close);
    }

    /** Where an event trigger of somebody's has raised the error: that, with its name. */
    private static Mono<Void> refusal(PostgresqlConnection connection, Throwable error) {
        return connection
                .createStatement("rollback; " + Sql.statement("event_triggers"))
                .execute()
                .concatMap(result -> result.map(row -> Map.entry(
                        Rows.present(row, "name", String.class), Rows.present(row, "function", String.class))))
                .filter(trigger -> DatabaseFailure.cameThrough(error, trigger.getValue()))
                .next()
                .onErrorComplete()
                .flatMap(trigger ->
                        Mono.error(new NotReadyException("event trigger \"" + trigger.getKey() + "\" (function "
                                + trigger.getValue() + ") has refused it: " + DatabaseFailure.reason(error))));
    }

    private static void appendFolder(StringBuilder script, String folder) {
        Sql.folder(folder).forEach(path -> append(script, Sql.file(path)));
    }

    private static void appendSteps(StringBuilder script) {
        List<String> steps = Sql.folder("schema");
        for (int step = 1; step <= steps.size(); step++) {
            append(
                    script,
                    Sql.file("install/step.sql")
                            .replace("{step}", String.valueOf(step))
                            .replace("{statements}", Sql.file(steps.get(step - 1))));
        }
    }

    /** The script that drops what the other one made. */
    public static String uninstallScript(boolean force) {
        StringBuilder script = new StringBuilder("begin;\n");
        set(script, "pgnetty.force", String.valueOf(force));
        set(script, "pgnetty.functions", array(functions("public", "owner", "helper", "private")));
        append(script, Sql.file("install/uninstall.sql"));
        return script.append("commit;\n").toString();
    }

    /** Of a script, at most. */
    private static final int DEADLOCKS = 9;

    /**
     * Runs a script on a connection of its own; again where it lost to others, in a deadlock.
     *
     * @return errors with the driver's exception, see {@link DatabaseFailure}, or where an event trigger is to blame with a
     *     {@link NotReadyException}; nothing is changed then
     */
    public static Mono<Void> run(DatabaseUrl url, String script) {
        // It locks tables that bridges and senders are at work on: one of both is ended, and begins again.
        return once(url, script)
                .retryWhen(Retry.backoff(DEADLOCKS, Duration.ofMillis(200))
                        .filter(DatabaseFailure::conflict)
                        .onRetryExhaustedThrow((retry, last) -> last.failure()));
    }

    private static Mono<Void> once(DatabaseUrl url, String script) {
        return Mono.usingWhen(
                Connections.plain(url).create(),
                connection -> connection
                        .createStatement(script)
                        .execute()
                        .concatMap(result -> result.getRowsUpdated())
                        .then()
                        .onErrorResume(error -> refusal(connection, error).switchIfEmpty(Mono.error(error))),
                PostgresqlConnection::close);
    }

    /** Functions whose first line has one of these words; see {@code docs/development.md}. */
    private static List<String> functions(String... kinds) {
        return functionFiles()
                .filter(path -> {
                    String file = Sql.file(path);
                    return Stream.of(kinds).anyMatch(kind -> file.startsWith("-- API: " + kind + "\n"));
                })
                .map(Schema::functionName)
                .toList();
    }

    private static Stream<String> functionFiles() {
        return Stream.of("base", "internal", "api").flatMap(folder -> Sql.folder(folder).stream());
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
