package io.pgnetty.cli;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.postgres.Installed;
import io.pgnetty.postgres.Schema;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Drops what {@code install} made. */
@Command(
        name = "uninstall",
        description = "Drops what install created. Refuses while the queue has requests or dead letters are kept.",
        footerHeading = "%nExamples:%n",
        footer = {"  pgnetty uninstall --url postgresql://owner@db.example.com/shop"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class UninstallCommand implements Callable<Integer> {

    @Spec
    CommandSpec spec;

    @Option(names = "--force", description = "Also drops the requests in the queue and the dead letters.")
    boolean force;

    @Override
    public Integer call() {
        DatabaseUrl url = SettingOptions.reader(spec.commandLine().getParseResult(), System.getenv())
                .readUrl();
        List<String> bridges = Installed.in(url).blockOptional().orElseThrow().bridges();
        Schema.run(url, Schema.uninstallScript(force)).block();
        PrintWriter out = spec.commandLine().getOut();
        out.println("Schema net is gone from " + url.place() + ".");
        if (!bridges.isEmpty()) {
            out.println("Bridges that were alive, and wait for it until they are stopped: " + String.join(", ", bridges)
                    + ".");
        }
        return 0;
    }
}
