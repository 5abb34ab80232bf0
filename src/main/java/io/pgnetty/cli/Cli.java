package io.pgnetty.cli;

import ch.qos.logback.classic.Level;
import io.pgnetty.config.ConfigException;
import io.pgnetty.config.LogFormat;
import io.pgnetty.config.Setting;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: parses, runs one command, turns what went wrong into a line and an exit code. */
@Command(
        name = "pgnetty",
        description = "Lets SQL make HTTP requests, asynchronously, on any PostgreSQL.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footerHeading = "%nTo begin:%n",
        footer = {
            "  java -jar pgnetty-demo.jar demo          try it, with nothing installed",
            "  pgnetty install --url postgresql://…     put the SQL into your database",
            "  pgnetty run --url postgresql://…         send what it queues"
        })
public final class Cli {

    private static final int FAILED = 1;
    private static final int WRONG_USE = 2;

    private Cli() {}

    /**
     * Runs one command.
     *
     * @param more commands beside our own
     * @return 0 done, 1 failed, 2 wrong use or configuration
     */
    public static int run(String[] args, List<Object> more) {
        CommandLine line = new CommandLine(CommandSpec.forAnnotatedObject(new Cli()));
        line.addSubcommand(runCommand());
        line.addSubcommand(withUrl(new InstallCommand()));
        line.addSubcommand(withUrl(new UninstallCommand()));
        line.addSubcommand(withUrl(new StatusCommand()));
        line.addSubcommand(withUrl(new BenchCommand()));
        more.forEach(line::addSubcommand);
        if (more.isEmpty()) {
            CommandLine noDemo = new CommandLine(new NoDemoCommand());
            noDemo.setUnmatchedArgumentsAllowed(true);
            line.addSubcommand(noDemo);
        }
        line.addSubcommand(new HelpCommand());
        line.addSubcommand(new AutoComplete.GenerateCompletion());
        line.registerConverter(Integer.class, text -> number(text, Integer::valueOf));
        line.registerConverter(int.class, text -> number(text, Integer::valueOf));
        line.registerConverter(Long.class, text -> number(text, Long::valueOf));
        line.registerConverter(long.class, text -> number(text, Long::valueOf));
        line.setExecutionStrategy(parsed -> execute(line, parsed));
        line.setParameterExceptionHandler((error, given) -> wrongUse(error));
        line.setExecutionExceptionHandler((error, command, parsed) -> failed(command, error));
        return line.execute(args);
    }

    private static <T> T number(String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException(
                    text.matches("[+-]?\\d+") ? text + " is too large" : "needs a whole number, not \"" + text + "\"");
        }
    }

    private static int execute(CommandLine line, ParseResult parsed) {
        if (!parsed.hasSubcommand() && !parsed.isUsageHelpRequested() && !parsed.isVersionHelpRequested()) {
            line.usage(line.getErr());
            return WRONG_USE;
        }
        // The bridge sets up its own, as its options say it; twice would cost a twentieth of its start.
        if (!parsed.hasSubcommand() || !(parsed.subcommand().commandSpec().userObject() instanceof RunCommand)) {
            Logging.configure(LogFormat.TEXT, Level.WARN);
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private static CommandLine runCommand() {
        CommandLine run = new CommandLine(new RunCommand());
        SettingOptions.add(run.getCommandSpec(), Arrays.asList(Setting.values()));
        SettingOptions.addConfigFile(run.getCommandSpec());
        // What is unknown is one problem among others, and all are said at once.
        run.setUnmatchedArgumentsAllowed(true);
        return run;
    }

    private static CommandLine withUrl(Object command) {
        CommandLine line = new CommandLine(command);
        SettingOptions.add(line.getCommandSpec(), List.of(Setting.URL, Setting.URL_FILE));
        return line;
    }

    private static int wrongUse(ParameterException error) {
        CommandLine command = error.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(red("pgnetty: " + wrongUseOf(error)));
        err.println(tryHelp(command));
        return WRONG_USE;
    }

    private static String tryHelp(CommandLine command) {
        return "Try: " + command.getCommandSpec().qualifiedName() + " --help";
    }

    private static String wrongUseOf(ParameterException error) {
        if (error instanceof UnmatchedArgumentException unmatched) {
            return UnknownArguments.problems(
                            unmatched.getUnmatched(), error.getCommandLine().getCommandSpec())
                    .stream()
                    .map(Cli::withoutSecrets)
                    .distinct()
                    .collect(Collectors.joining("; "));
        }
        // As our own problems begin.
        return withoutSecrets(
                String.valueOf(error.getMessage()).replaceFirst("^Invalid value for option '(--\\S+)': ", "$1: "));
    }

    private static int failed(CommandLine command, Exception error) {
        PrintWriter err = command.getErr();
        if (error instanceof ConfigException wrong) {
            err.println(red("pgnetty: the configuration is wrong; nothing was started"));
            wrong.problems().forEach(problem -> err.println("  " + withoutSecrets(problem)));
            err.println(tryHelp(command));
            return WRONG_USE;
        }
        err.println(red("pgnetty: " + Failure.line(error)));
        return FAILED;
    }

    /**
     * A text that may repeat what was typed, without what may be a password in it: URLs, also without their slashes, pairs of
     * libpq's such as {@code password=...}, and anything of the form {@code user:password@host}.
     */
    static String withoutSecrets(String text) {
        return text.replaceAll("[A-Za-z][A-Za-z0-9+.-]*:/+[^ ]*", "(a URL)")
                .replaceAll(
                        "(?i)([\\w-]*(password|passwd|pwd|passfile|secret|token|key)[\\w-]*\\s*[=:]\\s*)('[^']*'|[^\\s,;]+)",
                        "$1***")
                .replaceAll("[^\\s\"'=/@]+:[^\\s\"']*@", "(a login)@");
    }

    private static String red(String text) {
        return Ansi.AUTO.string("@|red " + text.replace("|@", "| @") + "|@");
    }
}
