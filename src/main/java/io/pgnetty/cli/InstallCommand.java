package io.pgnetty.cli;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.postgres.Installed;
import io.pgnetty.postgres.Schema;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Creates or upgrades schema {@code net}. */
@Command(
        name = "install",
        description = "Creates or upgrades schema net in a database. May be run again at any time.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  pgnetty install --url postgresql://owner@db.example.com/shop --grant app",
            "  pgnetty install --print --grant app | psql -d shop      with psql alone"
        },
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class InstallCommand implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    @Option(names = "--print", description = "Writes the SQL to standard output, for psql, and changes nothing.")
    boolean print;

    @Option(
            names = "--grant",
            paramLabel = "ROLE",
            description = "Lets a role call the functions and see its own requests. Repeatable; public lets everyone.")
    List<String> grant = new ArrayList<>();

    @Option(
            names = "--bridge-role",
            paramLabel = "ROLE",
            description =
                    "Lets a role run bridges: it owns nothing, and cannot drop, alter or grant. Made if it is not there. Repeatable.")
    List<String> bridgeRoles = new ArrayList<>();

    @Option(
            names = "--monitor",
            paramLabel = "ROLE",
            description =
                    "Lets a role run status and see how much there is, but no URL, header or body. Made if it is not "
                            + "there; pg_monitor is. Repeatable.")
    List<String> monitorRoles = new ArrayList<>();

    @Option(
            names = "--unlogged",
            negatable = true,
            description =
                    "Makes the tables unlogged: faster, as in pg_net, but a crash empties them. --no-unlogged undoes this. "
                            + "Default: no change; a new installation is logged.")
    @Nullable
    Boolean unlogged;

    @Option(
            names = "--supabase",
            description =
                    "Adds supabase_functions.http_request, the trigger function of Supabase's Database Webhooks. Roles "
                            + "that change the tables need --grant.")
    boolean supabase;

    @Option(
            names = "--adopt",
            paramLabel = "keep|discard",
            description =
                    "For a database restored from the dump of another one, which is refused without this option: keep "
                            + "sends the requests that came with the dump; discard deletes them and the dead letters.")
    @Nullable
    String adopt;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        String script = Schema.installScript(new Schema.Options(
                grant, bridgeRoles, monitorRoles, Optional.ofNullable(unlogged), adoption(), supabase));
        if (print) {
            out.print(script);
            out.flush();
            return 0;
        }
        DatabaseUrl url = SettingOptions.reader(spec.commandLine().getParseResult(), System.getenv())
                .readUrl();
        Installed before = Installed.in(url).blockOptional().orElseThrow();
        Schema.run(url, script).block();
        Installed after = Installed.in(url).blockOptional().orElseThrow();
        out.println(done(url.place(), before, after));
        after.roles()
                .forEach((right, roles) ->
                        out.println("Roles that may " + right + ": " + String.join(", ", roles) + "."));
        Stream.concat(bridgeRoles.stream(), monitorRoles.stream())
                .filter(role -> !before.knows(role))
                .forEach(role ->
                        out.println("If role " + role + " has no password yet, give it one: \\password " + role));
        // What warn.sql said already, to those who use psql.
        Schema.warnings(url)
                .onErrorReturn(List.of())
                .blockOptional()
                .orElseThrow()
                .forEach(warning -> spec.commandLine().getErr().println("pgnetty: warning: " + warning));
        out.println("Next: pgnetty run --url …");
        return 0;
    }

    private static String done(String place, Installed before, Installed after) {
        if (before.step() == 0) {
            return "Schema net is installed in " + place + (after.step() == 0 ? "." : ": " + after + ".");
        }
        return before.toString().equals(after.toString())
                ? "Schema net in " + place + " is as it was: " + after + "."
                : "Schema net in " + place + " is upgraded from " + before + ", to " + after + ".";
    }

    private Optional<Schema.Adopt> adoption() {
        if (adopt == null) {
            return Optional.empty();
        }
        return Optional.of(
                switch (adopt) {
                    case "keep" -> Schema.Adopt.KEEP;
                    case "discard" -> Schema.Adopt.DISCARD;
                    default ->
                        throw new ParameterException(
                                spec.commandLine(), "--adopt must be keep or discard, not \"" + adopt + "\"");
                });
    }
}
