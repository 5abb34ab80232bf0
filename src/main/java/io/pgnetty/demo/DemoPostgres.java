package io.pgnetty.demo;

import io.pgnetty.config.DatabaseUrl;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** A real PostgreSQL, unpacked into the demo's folder. */
final class DemoPostgres implements AutoCloseable {

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
        return new DemoPostgres(EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(folder.path().toFile())
                .setDataDirectory(kept.orElseGet(() -> folder.path().resolve("data")))
                .setCleanDataDirectory(kept.isEmpty())
                .setRegisterShutdownHook(false)
                .setPort(port)
                .start());
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
