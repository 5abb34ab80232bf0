package io.pgnetty.testing;

import io.pgnetty.config.DatabaseUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A real standby that follows a {@link TestPostgres}, made as {@code pg_basebackup} makes one; the embedded binaries do not have that. */
public final class Standby implements AutoCloseable {

    private final TestDatabase primary;
    private final Path folder;
    private final int port;
    private final Process process;

    private Standby(TestDatabase primary, Path folder, int port, Process process) {
        this.primary = primary;
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /** Copies the server of that database, starts the copy, and waits until it follows. */
    public static Standby of(TestDatabase primary) {
        try {
            Path from = Path.of(primary.one("show data_directory"));
            Path to = Files.createTempDirectory("standby");
            copy(primary, from, to);
            Files.writeString(to.resolve("standby.signal"), "");
            Files.writeString(
                    to.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=127.0.0.1 port=" + portOf(primary) + " user=postgres'\n");
            int port = freePort();
            String command = Files.readString(from.resolve("postmaster.opts"))
                    .replace(from.toString(), to.toString())
                    .replace("\"" + portOf(primary) + "\"", "\"" + port + "\"")
                    .replace("port=" + portOf(primary), "port=" + port);
            // PostgreSQL refuses to be root, but not the root of a user namespace that maps to nobody.
            String prefix = System.getProperty("user.name").equals("root") ? "unshare -U " : "";
            Process process = new ProcessBuilder("bash", "-c", "exec " + prefix + command)
                    .redirectErrorStream(true)
                    .redirectOutput(to.resolve("log").toFile())
                    .start();
            Standby standby = new Standby(primary, to, port, process);
            standby.awaitFollowing();
            return standby;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    /** The same database here. */
    public TestDatabase database() {
        return new TestDatabase(DatabaseUrl.parse(
                "postgresql://postgres:postgres@127.0.0.1:" + port + "/"
                        + primary.url().database(),
                Map.of()));
    }

    /** Waits until it has all that the primary has committed and written. */
    public void awaitAll() {
        String end = primary.one("select pg_current_wal_lsn()");
        Awaitility.await("replay")
                .atMost(Duration.ofSeconds(20))
                .until(() -> database()
                        .one("select pg_last_wal_replay_lsn() >= '" + end + "'")
                        .equals("t"));
    }

    /** Makes it the primary. */
    public void promote() {
        database().one("select pg_promote()");
    }

    @Override
    public void close() {
        try {
            String postmaster =
                    Files.readAllLines(folder.resolve("postmaster.pid")).get(0);
            new ProcessBuilder("kill", "-QUIT", postmaster).start().waitFor();
            process.waitFor(10, TimeUnit.SECONDS);
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitFollowing() {
        Awaitility.await("a standby")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> primary.one("select count(*) from pg_stat_replication where state = 'streaming'")
                        .equals("1"));
        Awaitility.await("a hot standby").atMost(Duration.ofSeconds(60)).until(() -> {
            try {
                return database().one("select pg_is_in_recovery()").equals("t");
            } catch (TestDatabase.Failed e) {
                return false;
            }
        });
    }

    private static void copy(TestDatabase primary, Path from, Path to) throws IOException {
        try (Connection connection = primary.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("select pg_backup_start('standby', true)");
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.toList()) {
                    copy(file, from.relativize(file), to);
                }
            }
            try (ResultSet row = statement.executeQuery("select labelfile from pg_backup_stop(false)")) {
                row.next();
                Files.writeString(to.resolve("backup_label"), row.getString(1));
            }
            for (Path wal : list(from.resolve("pg_wal"))) {
                Files.copy(wal, to.resolve("pg_wal").resolve(wal.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static void copy(Path file, Path name, Path to) throws IOException {
        if (name.toString().matches("postmaster\\.(pid|opts)|pg_replslot/.*|pg_stat_tmp/.*|epg-lock.*")) {
            return;
        }
        try {
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(to.resolve(name));
            } else {
                Files.copy(file, to.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (NoSuchFileException e) {
            // Gone since it was listed, as files of a live server may be: the log makes up for it.
            return;
        }
    }

    private static int portOf(TestDatabase database) {
        return database.url().servers().get(0).port();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
