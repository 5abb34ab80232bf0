package io.pgnetty.cli;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.postgres.Database;
import io.pgnetty.postgres.StatusReader;
import io.pgnetty.postgres.StatusReader.Status;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Shows what goes on, on one screen. */
@Command(
        name = "status",
        description = "Shows the queue, the bridges and the hosts, on one screen.",
        footerHeading = "%nExamples:%n",
        footer = {"  pgnetty status --url postgresql://owner@db.example.com/shop --watch"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class StatusCommand implements Callable<Integer> {

    private static final String CLEAR = "\u001b[H\u001b[2J";

    @Spec
    CommandSpec spec;

    @Option(names = "--json", description = "Prints one JSON object, for scripts; with --watch, one per line.")
    boolean json;

    @Option(names = "--watch", description = "Repeats every two seconds, until Ctrl-C.")
    boolean watch;

    @Override
    public Integer call() throws InterruptedException {
        DatabaseUrl url = SettingOptions.reader(spec.commandLine().getParseResult(), System.getenv())
                .readUrl();
        PrintWriter out = spec.commandLine().getOut();
        // As through a pooler, where one may be; and where no primary answers, a standby knows as well.
        Database database = new Database(url.orStandby(), true);
        StatusReader reader = new StatusReader(database);
        Function<Status, String> shown = json ? asJson() : status -> StatusScreen.of(url.place(), status);
        try {
            do {
                Status status = reader.read().blockOptional().orElseThrow();
                if (watch && !json && Terminal.interactive()) {
                    out.print(CLEAR);
                }
                out.println(shown.apply(status));
                out.flush();
            } while (watch && pause());
            return 0;
        } finally {
            database.close().block();
        }
    }

    private static boolean pause() throws InterruptedException {
        TimeUnit.SECONDS.sleep(2);
        return true;
    }

    /** Made when it is used: each start of the program makes this command. */
    private static Function<Status, String> asJson() {
        return JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build()::writeValueAsString;
    }
}
