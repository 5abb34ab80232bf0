package io.pgnetty.testing;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.postgres.Schema;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarFile;
import org.awaitility.Awaitility;

/** A real PostgreSQL of a given major version, one a test JVM, with a database of its own for each that asks. */
public final class TestPostgres {

    private static final Path BINARIES = Path.of("target", "postgres");
    private static final Map<String, TestPostgres> RUNNING = new ConcurrentHashMap<>();
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final EmbeddedPostgres server;
    private Path dataFolder = Path.of("");

    private TestPostgres(EmbeddedPostgres server) {
        this.server = server;
    }

    /** The version that most tests run on. */
    public static TestPostgres shared() {
        return version("17");
    }

    /** A server of that major version, started once. */
    public static TestPostgres version(String major) {
        return RUNNING.computeIfAbsent(major, key -> start(key, Map.of()));
    }

    /** A server of one's own, to be stopped. */
    public static TestPostgres start(String major, Map<String, String> settings) {
        try {
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "off")
                    .setServerConfig("max_connections", "150")
                    .setServerConfig("max_prepared_transactions", "5")
                    .setServerConfig("log_min_messages", "fatal");
            settings.forEach(builder::setServerConfig);
            binaries(major).ifPresent(jar -> builder.setPgBinaryResolver((system, machine) -> archive(jar)));
            return new TestPostgres(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether this machine has binaries of that version. */
    public static boolean has(String major) {
        return binaries(major).isPresent();
    }

    /** A new, empty database in UTF-8. */
    public TestDatabase empty() {
        return empty("UTF8");
    }

    /** A new, empty database. */
    public TestDatabase empty(String encoding) {
        String name = "test" + DATABASES.incrementAndGet();
        new TestDatabase(url("postgres"))
                .run("create database " + name + " encoding '" + encoding + "' locale 'C' template template0");
        return new TestDatabase(url(name));
    }

    /** A new database with schema net installed. */
    public TestDatabase installed(String... grantees) {
        return install(empty(), grantees);
    }

    /** Installs schema net. */
    public static TestDatabase install(TestDatabase database, String... grantees) {
        Schema.run(
                        database.url(),
                        Schema.installScript(new Schema.Options(List.of(grantees), Optional.empty(), Optional.empty())))
                .block();
        return database;
    }

    public int port() {
        return server.getPort();
    }

    public Process process() {
        return server.getProcess();
    }

    /** {@code pg_ctl stop -m immediate}, as a crash; {@link #startAgain} brings it back with what it has on disk. */
    public void crash() {
        TestDatabase database = new TestDatabase(url("postgres"));
        dataFolder = Path.of(database.one("show data_directory"));
        try {
            long postmaster = Long.parseLong(
                    Files.readAllLines(dataFolder.resolve("postmaster.pid")).get(0));
            // Started as root it lives in a user namespace, but its process id is this one's.
            ProcessHandle handle = ProcessHandle.of(postmaster).orElseThrow();
            new ProcessBuilder("kill", "-QUIT", String.valueOf(postmaster))
                    .start()
                    .waitFor();
            handle.onExit().get(20, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stops all its processes where they are, as a machine that hangs: connections stay open, and nothing is answered. */
    public void freeze() {
        signal("STOP");
    }

    /** They go on. */
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            if (dataFolder.toString().isEmpty()) {
                dataFolder = Path.of(new TestDatabase(url("postgres")).one("show data_directory"));
            }
            long postmaster = Long.parseLong(
                    Files.readAllLines(dataFolder.resolve("postmaster.pid")).get(0));
            List<String> command = new ArrayList<>(List.of("kill", "-" + name, String.valueOf(postmaster)));
            ProcessHandle.of(postmaster)
                    .orElseThrow()
                    .descendants()
                    .forEach(process -> command.add(String.valueOf(process.pid())));
            new ProcessBuilder(command).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts the server again as it was started, and waits until it accepts connections. */
    public void startAgain() {
        try {
            String command = Files.readString(dataFolder.resolve("postmaster.opts"));
            // PostgreSQL refuses to be root, but not the root of a user namespace that maps to nobody.
            String prefix = System.getProperty("user.name").equals("root") ? "unshare -U " : "";
            Process process = new ProcessBuilder("bash", "-c", "exec " + prefix + command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // It replays what was written since the last checkpoint, and flushes every file first: minutes on a slow disk.
        Awaitility.await("PostgreSQL")
                .atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    try {
                        return new TestDatabase(url("postgres")).one("select 1").equals("1");
                    } catch (TestDatabase.Failed e) {
                        return false;
                    }
                });
    }

    public void stop() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DatabaseUrl url(String database) {
        return DatabaseUrl.parse(
                "postgresql://postgres:postgres@127.0.0.1:" + server.getPort() + "/" + database, Map.of());
    }

    private static Optional<Path> binaries(String major) {
        if (!Files.isDirectory(BINARIES)) {
            return Optional.empty();
        }
        try (var files = Files.list(BINARIES)) {
            return files.filter(file -> file.getFileName().toString().matches(".*-" + major + "\\.[0-9.]+\\.jar"))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream archive(Path path) throws IOException {
        try (JarFile jar = new JarFile(path.toFile())) {
            var entry = jar.stream()
                    .filter(each -> each.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow();
            try (InputStream in = jar.getInputStream(entry)) {
                return new ByteArrayInputStream(in.readAllBytes());
            }
        }
    }
}
