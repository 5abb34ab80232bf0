package io.pgnetty.cli;

import io.pgnetty.bench.Bench;
import io.pgnetty.bench.BenchPlan;
import io.pgnetty.bench.BenchReport;
import io.pgnetty.bench.BenchResult;
import io.pgnetty.config.Config;
import io.pgnetty.config.ConfigReader;
import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.Setting;
import io.pgnetty.config.Units;
import io.pgnetty.postgres.DatabaseFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import reactor.core.Exceptions;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Measures an installation. */
@Command(
        name = "bench",
        description = "Measures what this machine and this PostgreSQL deliver together, in a database of its own,"
                + " pgnetty_bench, which it creates and drops; your own data is neither sent nor changed.",
        footerHeading = "%nExamples:%n",
        footer = {"  pgnetty bench --url postgresql://owner@db.example.com/shop --json result.json"},
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false)
final class BenchCommand implements Callable<Integer> {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    @Spec
    CommandSpec spec;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Measured rounds, after one warm-up round; the medians are reported. Default: 3.")
    int rounds;

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "60000",
            description = "Requests queued at once, end to end. Default: 60000.")
    int requests;

    @Option(
            names = "--senders",
            paramLabel = "N",
            defaultValue = "32",
            description = "Connections that queue at the same time. Default: 32.")
    int senders;

    @Option(
            names = "--time",
            paramLabel = "TIME",
            defaultValue = "3s",
            description = "Duration of each measurement without a fixed number of requests. Default: 3s.")
    String time = "3s";

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "256",
            description = "HTTP requests in flight. Default: 256.")
    int concurrency;

    @Option(names = "--http2", description = "The targets speak HTTP/2 over TLS. Default: HTTP/1.1, without TLS.")
    boolean http2;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes all figures to this file.")
    @Nullable
    Path json;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Writes a report with plots to this file; it works offline.")
    @Nullable
    Path html;

    @Override
    public Integer call() throws IOException {
        DatabaseUrl url = SettingOptions.reader(spec.commandLine().getParseResult(), System.getenv())
                .readUrl();
        BenchPlan plan = plan();
        PrintWriter out = spec.commandLine().getOut();
        writable("--json", json);
        writable("--html", html);
        BenchResult result = measure(url, plan);
        out.print(BenchTable.of(url.place(), result));
        out.flush();
        if (json != null) {
            Files.writeString(json, JSON.writeValueAsString(result) + "\n");
            out.println("Figures: " + json);
        }
        if (html != null) {
            Files.writeString(html, BenchReport.html(result, JSON.writeValueAsString(result)));
            out.println("Report: " + html);
        }
        out.flush();
        return 0;
    }

    private BenchResult measure(DatabaseUrl url, BenchPlan plan) {
        ProgressBarBuilder bar = new ProgressBarBuilder()
                .setTaskName("bench")
                .setInitialMax(Bench.steps(plan))
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(Terminal.interactive() ? 200 : 10_000)
                .hideEta();
        try (ProgressBar progress = bar.build()) {
            return Bench.run(
                    url,
                    plan,
                    scratch -> config(scratch, plan),
                    Version.current(),
                    what -> progress.setExtraMessage(what).step());
        } catch (RuntimeException error) {
            if (DatabaseFailure.sqlState(Exceptions.unwrap(error))
                    .filter("42P04"::equals)
                    .isPresent()) {
                throw new Failure.CommandFailure(
                        "database pgnetty_bench already exists: another bench is running, or an earlier one was"
                                + " killed. In that case drop the database");
            }
            throw error;
        }
    }

    private BenchPlan plan() {
        Duration each;
        try {
            each = Units.duration(time);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--time " + e.getMessage());
        }
        try {
            return new BenchPlan(rounds, requests, senders, each, concurrency, http2);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
        }
    }

    /** Before minutes of work, and not after. */
    private void writable(String option, @Nullable Path file) {
        if (file == null) {
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file) || folder == null || !Files.isWritable(folder)) {
            throw new ParameterException(spec.commandLine(), option + ": " + file + " cannot be written");
        }
    }

    private static Config config(DatabaseUrl scratch, BenchPlan plan) {
        return new ConfigReader(
                        Map.of(
                                Setting.URL, "postgresql://localhost/",
                                Setting.ADMIN, "127.0.0.1:0",
                                Setting.CONCURRENCY, String.valueOf(plan.concurrency()),
                                Setting.EGRESS_ALLOW, "127.0.0.1",
                                Setting.LOG_FORMAT, "text"),
                        Map.of())
                .read(false)
                .on(scratch);
    }
}
