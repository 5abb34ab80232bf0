package io.pgnetty.demo;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.pgnetty.config.DatabaseUrl;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** A real PostgreSQL, unpacked into the demo's folder. */
final class DemoPostgres implements AutoCloseable {

    /** Also for a disk that is slow, and for what a crash has left. */
    private static final Duration STARTUP = Duration.ofSeconds(60);

    private final EmbeddedPostgres postgres;

    private DemoPostgres(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    /**
     * Starts one.
     *
     * @param folder where it is unpacked
     * @param kept its data, from a demo before, or empty: new ones, in its folder
     * @param port 1 to 65535
     */
    static DemoPostgres start(DemoFolder folder, Optional<Path> kept, int port) throws IOException {
        // Or it leaves a folder beside ours.
        System.setProperty("ot.epg.working-dir", folder.path().toString());
        // What it could not do it throws; and where Ctrl-C has stopped its server as well, nobody need know.
        if (LoggerFactory.getLogger("io.zonky") instanceof Logger logger) {
            logger.setLevel(Level.OFF);
        }
        Path data = kept.orElseGet(() -> folder.path().resolve("data"));
        EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(folder.path().toFile())
                .setDataDirectory(data)
                .setCleanDataDirectory(kept.isEmpty())
                .setRegisterShutdownHook(false)
                .setPort(port)
                .setPGStartupWait(STARTUP)
                .start();
        DemoPostgres started = new DemoPostgres(postgres);
        if (!started.isAt(data)) {
            postgres.close();
            throw new IOException("another PostgreSQL listens on port " + port);
        }
        return started;
    }

    /** Whether what answers is the server that was started, and not one that had the port a moment before. */
    private boolean isAt(Path data) throws IOException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show data_directory")) {
            return row.next() && Path.of(row.getString(1)).equals(data.toRealPath());
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    DatabaseUrl url() {
        return DatabaseUrl.parse(text(), Map.of());
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
    }
}
