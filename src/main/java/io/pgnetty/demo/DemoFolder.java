package io.pgnetty.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The folder of one demo, with all that it writes.
 *
 * @param path where it is
 * @param kept whether it is there for the next demo
 */
record DemoFolder(Path path, boolean kept) implements AutoCloseable {

    private static final String PREFIX = "pgnetty-demo-";
    private static final Duration STOP = Duration.ofSeconds(10);

    /** A new one among the temporary files; those that killed demos have left there go, with their PostgreSQL. */
    static DemoFolder temporary() throws IOException {
        Path parent = Path.of(System.getProperty("java.io.tmpdir"));
        sweep(parent);
        // The process that it belongs to is in its name from the start, as the next demo may look at once.
        Path path = Files.createTempDirectory(
                parent, PREFIX + ProcessHandle.current().pid() + "-");
        return new DemoFolder(path, false);
    }

    /** One that is kept between demos. */
    static DemoFolder at(Path path) throws IOException {
        return new DemoFolder(Files.createDirectories(path.toAbsolutePath()), true);
    }

    /** A file of its owner's alone. */
    Path file(String name, String content) throws IOException {
        Path file = path.resolve(name);
        Files.deleteIfExists(file);
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (UnsupportedOperationException e) {
            // Windows: the folder is the user's own there.
            Files.createFile(file);
        }
        return Files.writeString(file, content);
    }

    @Override
    public void close() throws IOException {
        if (!kept) {
            delete(path);
        }
    }

    private static void sweep(Path parent) throws IOException {
        List<Path> folders;
        try (Stream<Path> files = Files.list(parent)) {
            folders = files.filter(DemoFolder::isLeft).toList();
        }
        for (Path folder : folders) {
            stopPostgres(folder.resolve("data"));
            delete(folder);
        }
    }

    /** Whether it is one of this user's whose demo is gone. */
    private static boolean isLeft(Path folder) {
        String name = folder.getFileName().toString();
        String[] parts =
                name.startsWith(PREFIX) ? name.substring(PREFIX.length()).split("-") : new String[0];
        if (parts.length != 2 || !parts[0].matches("\\d{1,18}")) {
            return false;
        }
        Optional<ProcessHandle> demo = ProcessHandle.of(Long.parseLong(parts[0]));
        try {
            return demo.isEmpty()
                    && Files.getOwner(folder).equals(Files.getOwner(Path.of(System.getProperty("user.home"))));
        } catch (IOException e) {
            return false;
        }
    }

    private static void stopPostgres(Path data) throws IOException {
        Optional<ProcessHandle> server = server(data);
        if (server.isEmpty()) {
            return;
        }
        server.get().destroy();
        try {
            server.get().onExit().get(STOP.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            server.get().destroyForcibly();
        }
    }

    /** The server whose data these are, if it runs still: postmaster.pid names the process and the folder. */
    private static Optional<ProcessHandle> server(Path data) throws IOException {
        Path file = data.resolve("postmaster.pid");
        List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        if (lines.size() < 2 || !Path.of(lines.get(1)).equals(data)) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
                .filter(process -> process.info().command().orElse("").endsWith("postgres"));
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
