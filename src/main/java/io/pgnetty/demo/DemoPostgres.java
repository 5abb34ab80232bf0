package io.pgnetty.demo;

import io.pgnetty.config.DatabaseUrl;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** A real PostgreSQL, unpacked into a temporary folder that goes when it stops. */
final class DemoPostgres implements AutoCloseable {

    private final Path folder;
    private final EmbeddedPostgres postgres;

    private DemoPostgres(Path folder, EmbeddedPostgres postgres) {
        this.folder = folder;
        this.postgres = postgres;
    }

    /**
     * Starts one.
     *
     * @param port 1 to 65535
     */
    static DemoPostgres start(int port) throws IOException {
        Path folder = Files.createTempDirectory("pgnetty-demo-");
        // Or it leaves a folder beside ours.
        System.setProperty("ot.epg.working-dir", folder.toString());
        try {
            return new DemoPostgres(
                    folder,
                    EmbeddedPostgres.builder()
                            .setOverrideWorkingDirectory(folder.toFile())
                            .setDataDirectory(folder.resolve("data"))
                            .setRegisterShutdownHook(false)
                            .setPort(port)
                            .start());
        } catch (IOException | RuntimeException e) {
            delete(folder);
            throw e;
        }
    }

    DatabaseUrl url() {
        return DatabaseUrl.parse(text(), Map.of());
    }

    /** A file beside its data, which goes with them; its owner alone may read it. */
    Path file(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (UnsupportedOperationException e) {
            // Windows: the folder is the user's own there.
            Files.createFile(file);
        }
        return Files.writeString(file, content);
    }

    /** The URL as a person types it. */
    String text() {
        return "postgresql://postgres:postgres@127.0.0.1:" + postgres.getPort() + "/postgres";
    }

    Connection connect() throws SQLException {
        return postgres.getPostgresDatabase().getConnection();
    }

    @Override
    public void close() throws IOException {
        postgres.close();
        delete(folder);
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
