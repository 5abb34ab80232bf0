package io.pgnetty.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The folder of one demo, with all that it writes.
 *
 * @param path where it is
 */
record DemoFolder(Path path) implements AutoCloseable {

    private static final String PREFIX = "pgnetty-demo-";
    private static final String OWNER = "demo.pid";
    /** Linux says so of a program whose file is gone. */
    private static final String POSTGRES = ".*postgres( \\(deleted\\))?";

    private static final Duration STOP = Duration.ofSeconds(10);

    /** A new one among the temporary files; those that killed demos have left there go, with their PostgreSQL. */
    static DemoFolder temporary() throws IOException {
        Path parent = Path.of(System.getProperty("java.io.tmpdir"));
        sweep(parent);
        // The process that it belongs to is in its name from the start, as the next demo may look at once.
        Path path = Files.createTempDirectory(
                parent, PREFIX + ProcessHandle.current().pid() + "-");
        return new DemoFolder(path);
    }

    /**
     * A folder for data that is kept between demos, and that no other demo uses.
     *
     * @return where the data is in it
     */
    static Path keptAt(Path folder) throws IOException {
        Path owner = folder.resolve(OWNER);
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
                restrict(folder, "rwx------");
            }
            // A demo that was killed may have left it empty.
            String pid = Files.exists(owner) ? Files.readString(owner).strip() : "";
            if (pid.matches("[0-9]{1,18}")) {
                Optional<ProcessHandle> other = ProcessHandle.of(Long.parseLong(pid));
                if (other.isPresent()
                        && other.get().pid() != ProcessHandle.current().pid()) {
                    throw new IOException("another demo, process " + other.get().pid() + ", uses " + folder);
                }
            }
            // A demo that was killed has left its server.
            stopPostgres(folder.resolve("data"));
            Files.writeString(owner, String.valueOf(ProcessHandle.current().pid()));
        } catch (FileAlreadyExistsException e) {
            throw new IOException(folder + " is no folder", e);
        } catch (FileSystemException e) {
            throw new IOException("the folder " + folder + " cannot be used: " + why(e), e);
        }
        return folder.resolve("data");
    }

    private static String why(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return Objects.requireNonNullElse(e.getReason(), "the system does not let it be made");
    }

    /** Gives a kept folder free for the next demo. */
    static void release(Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve(OWNER));
    }

    private static void restrict(Path path, String rights) throws IOException {
        if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(rights));
        }
    }

    /** A file of its owner's alone. */
    Path file(String name, String content) throws IOException {
        Path file = path.resolve(name);
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
        delete(path);
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
                .filter(process -> process.info().command().orElse("").matches(POSTGRES));
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
