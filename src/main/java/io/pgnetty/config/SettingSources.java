package io.pgnetty.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where settings are said: on the command line, before the environment, before a file, before their defaults. */
final class SettingSources {

    private final Map<Setting, String> commandLine;
    private final Map<String, String> env;
    private Properties file = new Properties();
    private @Nullable Path path;

    SettingSources(Map<Setting, String> commandLine, Map<String, String> env) {
        this.commandLine = commandLine;
        this.env = env;
    }

    /** Adds a file of {@code key=value} lines. */
    void read(Path configFile) throws IOException {
        path = configFile;
        file = load(configFile);
    }

    /** The keys of the file. */
    Set<String> keys() {
        return file.stringPropertyNames();
    }

    /** The environment. */
    Map<String, String> env() {
        return env;
    }

    /** The value that was given, wherever; an empty one counts as not given, as in a chart that leaves it out. */
    Optional<String> text(Setting setting) {
        return Stream.of(ofPerson(setting), ofFile(setting), setting.defaultText())
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Whether the file is what decides. */
    boolean isOfFile(Setting setting) {
        return ofPerson(setting).isEmpty() && ofFile(setting).isPresent();
    }

    /**
     * What the file says now.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    String again(Setting setting) {
        if (path == null) {
            throw new IllegalStateException("no file was read");
        }
        try {
            return given(load(path).getProperty(setting.key()))
                    .orElseThrow(() ->
                            new IllegalArgumentException("there is no " + setting.key() + " in " + path + " any more"));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "cannot read " + path + ": " + e.getClass().getSimpleName());
        }
    }

    private Optional<String> ofPerson(Setting setting) {
        return given(commandLine.get(setting)).or(() -> given(env.get(setting.variable())));
    }

    private Optional<String> ofFile(Setting setting) {
        return given(file.getProperty(setting.key()));
    }

    private static Optional<String> given(@Nullable String text) {
        return Optional.ofNullable(text).filter(value -> !value.isBlank());
    }

    private static Properties load(Path path) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path)) {
            properties.load(reader);
        }
        return properties;
    }
}
