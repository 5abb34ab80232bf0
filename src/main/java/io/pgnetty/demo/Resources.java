package io.pgnetty.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Texts in the jar: what the demo says, and the statements of the prompt's own commands. */
final class Resources {

    private Resources() {}

    static String text(String path) {
        try (InputStream stream = Resources.class.getResourceAsStream(path)) {
            if (stream == null) {
                throw new IllegalArgumentException("not in the jar: " + path);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A statement of sql/demo. */
    static String sql(String name) {
        return text("/sql/demo/" + name + ".sql");
    }

    /**
     * A statement of sql/demo.
     *
     * @param more with the lines that a plus asks for
     */
    static String sql(String name, boolean more) {
        return more ? sql(name) : sql(name).replaceAll("(?m)^.*/[*] with [+] [*]/\\R", "");
    }

    /** With a text in the place of a name in braces, as a literal. */
    static String with(String statement, String name, String text) {
        return statement.replace("{" + name + "}", "'" + text.replace("'", "''") + "'");
    }
}
