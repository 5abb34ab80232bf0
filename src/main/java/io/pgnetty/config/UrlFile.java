package io.pgnetty.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A file with the URL of a database, or with a password alone, as Kubernetes mounts secrets and agents of vaults write them.
 *
 * @param path of the file
 * @param env libpq's variables, for what the URL does not say
 */
record UrlFile(Path path, Map<String, String> env) {

    /**
     * The URL that is in it now.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    DatabaseUrl url() {
        String text = text();
        try {
            return DatabaseUrl.parse(text, env);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("what is in " + path + " " + e.getMessage());
        }
    }

    /** That URL with the password that is in it now; or with that of a URL that is in it. */
    Supplier<DatabaseUrl> passwordOf(DatabaseUrl url) {
        return () -> {
            String text = text();
            String password = text.matches("postgres(ql)?://.*") ? url().password() : text;
            return url.withLogin(url.user(), password);
        };
    }

    private String text() {
        String text;
        try {
            text = Files.readString(path).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "cannot read " + path + ": " + e.getClass().getSimpleName());
        }
        if (text.isEmpty()) {
            throw new IllegalArgumentException(path + " is empty");
        }
        return text;
    }
}
