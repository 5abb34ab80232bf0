package io.pgnetty.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
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
            URL anchor = Objects.requireNonNull(Sql.class.getResource("/sql/install/guard.sql"), "sql/");
            return anchor.openConnection() instanceof JarURLConnection jar
                    ? listJar(jar, folder)
                    : listFiles(Path.of(anchor.toURI().resolve("../" + folder)), folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** By the list of names that the class loader has read already: a file system of the jar takes a tenth of the whole start. */
    private static List<String> listJar(JarURLConnection connection, String folder) throws IOException {
        String prefix = "sql/" + folder + "/";
        connection.setUseCaches(false);
        try (JarFile jar = connection.getJarFile()) {
            return jar.stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.startsWith(prefix) && name.endsWith(".sql"))
                    .map(name -> name.substring("sql/".length()))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> listFiles(Path path, String folder) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> folder + "/" + file.getFileName()).sorted().toList();
        }
    }
}
