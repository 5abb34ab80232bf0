package io.pgnetty.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads the URLs of the database: as they are given, from a file of their own, or from the configuration file. What is in a file is read again. */
final class UrlReader {

    private final SettingSources sources;
    private final List<String> problems;

    /**
     * Reads when asked to.
     *
     * @param problems takes what is wrong
     */
    UrlReader(SettingSources sources, List<String> problems) {
        this.sources = sources;
        this.problems = problems;
    }

    /** {@code --url}, or what stands for it. */
    DatabaseUrl url() {
        Optional<UrlFile> file = urlFile();
        if (file.isEmpty()) {
            return database(Setting.URL);
        }
        // Where the URL is given, it is that of an option; DATABASE_URL stands for no URL in the file.
        return sources.text(Setting.URL).isPresent()
                ? read(file.get().passwordOf(database(Setting.URL)))
                : read(file.get()::url);
    }

    /** {@code --listen-url}. */
    DatabaseUrl listenUrl() {
        DatabaseUrl given = database(Setting.LISTEN_URL);
        return urlFile()
                .filter(file -> given.password() == null)
                .map(file -> read(file.passwordOf(given)))
                .orElse(given);
    }

    /** {@code --callback-url}, another login than the others': its password is its own. */
    Optional<DatabaseUrl> callbackUrl() {
        return sources.text(Setting.CALLBACK_URL).map(text -> database(Setting.CALLBACK_URL));
    }

    private Optional<UrlFile> urlFile() {
        return sources.text(Setting.URL_FILE).map(path -> new UrlFile(Path.of(path), sources.env()));
    }

    private DatabaseUrl read(Supplier<DatabaseUrl> source) {
        try {
            return source.get().from(source);
        } catch (IllegalArgumentException e) {
            return wrong(Setting.URL_FILE, e);
        }
    }

    private DatabaseUrl database(Setting setting) {
        Map<String, String> env = sources.env();
        Optional<String> text = sources.text(setting);
        if (text.isEmpty() && setting == Setting.URL) {
            text = Optional.ofNullable(env.get("DATABASE_URL")).filter(given -> !given.isEmpty());
        }
        try {
            DatabaseUrl url = text.isPresent() ? DatabaseUrl.parse(text.get(), env) : DatabaseUrl.fromEnvironment(env);
            return sources.isOfFile(setting) ? url.from(() -> DatabaseUrl.parse(sources.again(setting), env)) : url;
        } catch (IllegalArgumentException e) {
            return wrong(setting, e);
        }
    }

    /** A stand-in with the problem noted, so that the reading goes on and finds the others. */
    private DatabaseUrl wrong(Setting setting, IllegalArgumentException error) {
        problems.add(setting.option() + ": " + error.getMessage());
        return DatabaseUrl.fromEnvironment(Map.of());
    }
}
