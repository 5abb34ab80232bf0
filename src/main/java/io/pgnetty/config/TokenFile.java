package io.pgnetty.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file with a token, which may be replaced.
 *
 * @param path of the file
 */
public record TokenFile(Path path) {

    /** What is in it now, without blanks around it; empty where it cannot be read or is empty. Reads the file. */
    public Optional<String> token() {
        try {
            return Optional.of(Files.readString(path).strip()).filter(token -> !token.isEmpty());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
