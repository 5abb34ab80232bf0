package io.pgnetty.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** An older version of this program, built from the history of the repository, to run beside the one under test. */
public final class OlderVersion {

    private final String classPath;

    private OlderVersion(String classPath) {
        this.classPath = classPath;
    }

    /** Nothing where the history is not at hand, as in an archive of the sources. */
    public static Optional<OlderVersion> of(String commit) {
        try {
            Path folder = Files.createTempDirectory("pgnetty-older-");
            Path archive = folder.resolve("sources.tar");
            if (run(
                            folder,
                            "git",
                            "-C",
                            Path.of("").toAbsolutePath().toString(),
                            "archive",
                            "-o",
                            archive.toString(),
                            commit,
                            "src/main",
                            "sql")
                    != 0) {
                return Optional.empty();
            }
            if (run(folder, "tar", "-xf", archive.toString()) != 0) {
                throw new IllegalStateException("could not unpack " + archive);
            }
            String libraries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                    .filter(entry -> !entry.contains(File.separator + "target" + File.separator))
                    .collect(Collectors.joining(File.pathSeparator));
            Path classes = Files.createDirectory(folder.resolve("classes"));
            compile(folder.resolve("src/main/java"), classes, libraries);
            return Optional.of(new OlderVersion(String.join(
                    File.pathSeparator,
                    classes.toString(),
                    folder.resolve("src/main/resources").toString(),
                    // The folder that holds sql/.
                    folder.toString(),
                    libraries)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What follows {@code java} on its command line. */
    List<String> program() {
        return List.of("-cp", classPath, "io.pgnetty.Main");
    }

    private static void compile(Path sources, Path classes, String libraries) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("-proc:none", "-nowarn", "-Xlint:none", "-d", classes.toString(), "-cp", libraries));
        try (Stream<Path> files = Files.walk(sources)) {
            files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
        }
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        if (status != 0) {
            throw new IllegalStateException("could not compile " + sources);
        }
    }

    private static int run(Path folder, String... command) throws IOException {
        try {
            return new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
