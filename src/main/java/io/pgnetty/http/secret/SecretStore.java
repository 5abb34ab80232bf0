package io.pgnetty.http.secret;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of this bridge: one file for each in a folder, as Kubernetes mounts them, or environment variables. Read at each use, so
 * that one that is rotated holds at once; kept nowhere.
 */
public final class SecretStore {

    /** Of a file, in bytes: a key, a token, a signed document. */
    private static final int MAX_BYTES = 64 << 10;

    private static final String VARIABLE = "PGNETTY_SECRET_";

    private final @Nullable Path folder;
    private final Map<String, String> env;

    /**
     * Reads when asked to.
     *
     * @param folder with a file for each secret, by its name; or null
     * @param env the environment
     */
    public SecretStore(@Nullable Path folder, Map<String, String> env) {
        this.folder = folder;
        this.env = Map.copyOf(env);
    }

    /** The environment variable of a secret: in capitals, with underscores for what no variable's name has. */
    static String variable(String name) {
        return VARIABLE + name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
    }

    /**
     * A secret as it is now, without a line end after it; the file comes first. Reads a file: not on an event loop.
     *
     * @param name as {@link Placeholders#NAME} has it, which names no other folder
     * @return empty where there is none, or it is empty or cannot be read
     */
    public Optional<String> value(String name) {
        if (!name.matches(Placeholders.NAME)) {
            return Optional.empty();
        }
        return file(name)
                .or(() -> Optional.ofNullable(env.get(variable(name))))
                .map(text -> text.replaceFirst("\\R\\z", ""))
                .filter(text -> !text.isEmpty());
    }

    private Optional<String> file(String name) {
        if (folder == null) {
            return Optional.empty();
        }
        Path file = folder.resolve(name);
        try {
            return Files.isRegularFile(file) && Files.size(file) <= MAX_BYTES
                    ? Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException e) {
            // As one that is not there: who asks is not told which.
            return Optional.empty();
        }
    }
}
