package io.pgnetty.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files of {@code sql/}, which the build takes in as a resource. */
final class Sql {

    private static final Map<String, List<String>> FOLDERS = new ConcurrentHashMap<>();
    private static final Map<String, String> STATEMENTS = new ConcurrentHashMap<>();

    private Sql() {}

    /** Reads all statements of {@code sql/statements} and {@code sql/bench}: before an event loop needs one, where no file may be read. */
    static void load() {
        folder("schema");
        Stream.concat(folder("statements").stream(), folder("bench").stream())
                .forEach(path -> STATEMENTS.computeIfAbsent(
                        path.substring(0, path.length() - ".sql".length()).replaceFirst("^statements/", ""),
                        name -> oneLine(name, file(path))));
    }

    /** With a tag by which it is known in logs and in {@code pg_stat_statements}, and without comments: logs have lines. */
    private static String oneLine(String name, String text) {
        return "/* pgnetty:" + name + " */ "
                + text.lines()
                        .map(String::strip)
                        .filter(line -> !line.startsWith("--"))
                        .collect(Collectors.joining(" "));
    }

    /** One statement of {@code sql/statements}, by its file's name, or of {@code sql/bench}, by its path; in one line. */
    static String statement(String name) {
        String statement = STATEMENTS.get(name);
        if (statement == null) {
            throw new IllegalArgumentException("no such statement in sql/statements: " + name);
        }
        return statement;
    }

    /** A file of {@code sql/}, whole. */
    static String file(String path) {
        try (InputStream stream = Sql.class.getResourceAsStream("/sql/" + path)) {
            if (stream == null) {
                throw new IllegalArgumentException("no such file in sql/: " + path);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files of a folder of {@code sql/}, in order of their names. */
    static List<String> folder(String folder) {
        return FOLDERS.computeIfAbsent(folder, Sql::list);
    }

    private static List<String> list(String folder) {
        try {
            URI anchor = Objects.requireNonNull(Sql.class.getResource("/sql/install/guard.sql"), "sql/")
                    .toURI();
            if (!anchor.getScheme().equals("jar")) {
                return list(Path.of(anchor.resolve("../" + folder)), folder);
            }
            try (FileSystem jar = FileSystems.newFileSystem(anchor, Map.of())) {
                return list(jar.getPath("sql", folder), folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> list(Path path, String folder) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> folder + "/" + file.getFileName()).sorted().toList();
        }
    }
}
