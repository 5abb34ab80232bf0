package io.pgnetty.junit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The statements of {@code sql/junit}. */
final class Statements {

    private Statements() {}

    static String statement(String name) {
        try (InputStream stream = Statements.class.getResourceAsStream("/sql/junit/" + name + ".sql")) {
            if (stream == null) {
                throw new IllegalArgumentException("not in the jar: sql/junit/" + name + ".sql");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
