package io.pgnetty.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration: command line before environment before file before default. Collects every problem before it
 * fails.
 */
public final class ConfigReader {

    private final SettingSources sources;
    private final UrlReader urls;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /** Takes what was given on the command line, and the environment. */
    public ConfigReader(Map<Setting, String> commandLine, Map<String, String> env) {
        this.sources = new SettingSources(commandLine, env);
        this.urls = new UrlReader(sources, problems);
        warnings.addAll(NearMisses.among(env.keySet()));
        OldNames.variables().forEach((old, name) -> {
            if (env.containsKey(old)) {
                problems.add(old + " is called " + name + " now");
            }
        });
    }

    /** Adds a file of {@code key=value} lines (Java properties, UTF-8), its keys the options without their dashes. */
    public ConfigReader withFile(Path path) {
        try {
            sources.read(path);
        } catch (IOException | IllegalArgumentException e) {
            problems.add("--config: cannot read " + path + ": " + e.getMessage());
        }
        warnIfOthersMayRead(path);
        sources.keys().stream()
                .sorted()
                .filter(key -> Setting.ofKey(key).isEmpty())
                .forEach(key -> problems.add("--config: " + path + unknown(key)));
        return this;
    }

    private static String unknown(String key) {
        return OldNames.ofKey(key)
                .map(name -> " has the key " + key + ", which is called " + name + " now")
                .orElse(" has an unknown key: " + key);
    }

    /** What is not wrong, and not as it should be. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    private void warnIfOthersMayRead(Path path) {
        try {
            if (Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ)) {
                warnings.add("--config: every user of this machine may read " + path
                        + ", which may hold a password: chmod o-r it");
            }
        } catch (IOException | UnsupportedOperationException e) {
            // Not there, which is said already; or a file system without such permissions.
            return;
        }
    }

    /** Adds a problem that somebody else found, to be said with the others. */
    public void problem(String problem) {
        problems.add(problem);
    }

    /**
     * Reads everything.
     *
     * @param terminal whether logs go to a terminal, which decides the default of {@code --log-format}
     * @throws ConfigException with every problem
     */
    public Config read(boolean terminal) {
        DatabaseUrl url = urls.url();
        DatabaseUrl listenUrl = sources.text(Setting.LISTEN_URL).isPresent() ? urls.listenUrl() : url;
        Config.@Nullable Database database = section(() -> new Config.Database(
                url,
                listenUrl,
                value(Setting.LEASE, Units::duration),
                value(Setting.FALLBACK_POLL, Units::duration),
                value(Setting.MAX_QUEUED, ConfigReader::number),
                value(Setting.CONNECTIONS, ConfigReader::number),
                value(Setting.RESPONSE_TTL, Units::duration),
                value(Setting.DEAD_LETTER_TTL, Units::duration)));
        Config.@Nullable Delivery delivery = section(() -> new Config.Delivery(
                value(Setting.CONCURRENCY, ConfigReader::number),
                value(Setting.CONNECTION_MAX_AGE, Units::duration),
                value(Setting.MAX_REQUEST_BYTES, Units::size),
                value(Setting.MAX_RESPONSE_BYTES, Units::size),
                value(Setting.DRAIN_TIMEOUT, Units::duration),
                optional(Setting.SECRETS_DIR, ConfigReader::folder)));
        Config.Egress egress = new Config.Egress(entries(Setting.EGRESS_ALLOW), entries(Setting.EGRESS_DENY));
        Config.@Nullable Admin admin = section(() ->
                new Config.Admin(value(Setting.ADMIN, HostPort::parse), optional(Setting.PROBES, HostPort::parse)));
        LogFormat given = optional(Setting.LOG_FORMAT, ConfigReader::logFormat);
        LogFormat logFormat = given != null ? given : terminal ? LogFormat.TEXT : LogFormat.JSON;
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return new Config(built(database), built(delivery), egress, built(admin), logFormat);
    }

    /**
     * Reads the database's URL alone, for commands that need no more.
     *
     * @throws ConfigException with every problem
     */
    public DatabaseUrl readUrl() {
        DatabaseUrl url = urls.url();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return url;
    }

    private List<EgressEntry> entries(Setting setting) {
        List<EgressEntry> entries = new ArrayList<>();
        for (String text : sources.text(setting).orElse("").split(",", -1)) {
            if (!text.isBlank()) {
                try {
                    entries.add(EgressEntry.parse(text.strip()));
                } catch (IllegalArgumentException e) {
                    problems.add(setting.option() + ": " + e.getMessage());
                }
            }
        }
        return entries;
    }

    /** A value, or its default with the problem noted. */
    private <T> T value(Setting setting, Function<String, T> parser) {
        T given = optional(setting, parser);
        return given != null ? given : parser.apply(setting.defaultText().orElseThrow());
    }

    /** A value, or null when it is not given, or wrong and its problem noted. */
    private <T> @Nullable T optional(Setting setting, Function<String, T> parser) {
        try {
            return sources.text(setting).map(parser).orElse(null);
        } catch (IllegalArgumentException e) {
            problems.add(setting.option() + ": " + e.getMessage());
            return null;
        }
    }

    /** A part of the configuration, or null when its values are out of range, each noted. */
    private <T> @Nullable T section(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            problems.addAll(String.valueOf(e.getMessage()).lines().toList());
            return null;
        }
    }

    /** What is there when no problem was noted. */
    private static <T> T built(@Nullable T section) {
        return Objects.requireNonNull(section);
    }

    private static Integer number(String text) {
        if (!text.strip().matches("[0-9]{1,9}")) {
            throw new IllegalArgumentException("needs a whole number, not \"" + text + "\"");
        }
        return Integer.valueOf(text.strip());
    }

    private static Path folder(String text) {
        Path folder = Path.of(text);
        if (!Files.isDirectory(folder) || !Files.isReadable(folder) || !Files.isExecutable(folder)) {
            throw new IllegalArgumentException("must be a folder that can be read, not " + text);
        }
        return folder;
    }

    private static LogFormat logFormat(String text) {
        return switch (text) {
            case "text" -> LogFormat.TEXT;
            case "json" -> LogFormat.JSON;
            default -> throw new IllegalArgumentException("must be text or json, not \"" + text + "\"");
        };
    }
}
