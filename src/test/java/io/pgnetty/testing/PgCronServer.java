package io.pgnetty.testing;

import io.pgnetty.config.DatabaseUrl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The distribution's PostgreSQL with pg_cron, which the embedded ones lack. */
public final class PgCronServer implements AutoCloseable {

    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    private final Path programs;
    private final Path folder;
    private final int port;

    /** Starts one, with jobs in database postgres. */
    public PgCronServer() throws IOException, InterruptedException {
        programs = installed().orElseThrow();
        // Not below the tests' own folder, which another user may not enter.
        folder = Files.createTempDirectory("pgnetty-cron");
        if (isRoot()) {
            run(List.of("chown", "postgres", folder.toString()));
        }
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        runAsServer("initdb", "-D", data(), "-A", "trust", "-U", "postgres", "--no-sync");
        runAsServer("pg_ctl", "-D", data(), "-w", "-l", folder.resolve("log").toString(), "-o", options(), "start");
    }

    /** Whether this machine has both. */
    public static boolean isInstalled() throws IOException {
        return installed().isPresent();
    }

    /** Its database postgres. */
    public TestDatabase database() {
        return new TestDatabase(
                DatabaseUrl.parse("postgresql://postgres:postgres@127.0.0.1:" + port + "/postgres", Map.of()));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        runAsServer("pg_ctl", "-D", data(), "-m", "immediate", "stop");
        run(List.of("rm", "-r", folder.toString()));
    }

    private String options() {
        return "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=" + folder
                + " -c shared_preload_libraries=pg_cron -c cron.database_name=postgres -c cron.host=127.0.0.1";
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private static Optional<Path> installed() throws IOException {
        if (!Files.isDirectory(VERSIONS)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(VERSIONS)) {
            return versions.filter(version -> Files.exists(version.resolve("lib/pg_cron.so")))
                    .map(version -> version.resolve("bin"))
                    .findFirst();
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    /** No server runs as root. */
    private void runAsServer(String program, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(isRoot() ? List.of("runuser", "-u", "postgres", "--") : List.of());
        command.add(programs.resolve(program).toString());
        command.addAll(List.of(words));
        run(command);
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("pgnetty-cron", ".out");
        try {
            // Into a file: the server inherits the pipe, which would never end.
            Process process = new ProcessBuilder(command)
                    .directory(Path.of("/").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            if (process.waitFor() != 0) {
                throw new IOException(command + ": " + Files.readString(said));
            }
        } finally {
            Files.delete(said);
        }
    }
}
