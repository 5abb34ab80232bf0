package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.ProgramVersion;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** Installs and drops schema {@code net}. The SQL is one script, the same for us and for psql. */
public final class Schema {

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
        setOptions(script, options);
        append(script, Sql.file("install/guard.sql"));
        appendFolder(script, "base");
        appendSteps(script);
        Stream.of("views", "internal", "api").forEach(folder -> appendFolder(script, folder));
        append(script, Sql.file("install/persistence.sql"));
        // As each bridge does at its start.
        append(script, Sql.file("statements/advance_ids.sql").stripTrailing() + ";\n");
        Stream.of("identity", "privileges", "describe", "call")
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
        set(script, "pgnetty.granted", array(grantedFunctions()));
        set(script, "pgnetty.step", String.valueOf(Readiness.knownStep()));
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
