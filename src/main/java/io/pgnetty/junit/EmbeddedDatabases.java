package io.pgnetty.junit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL of this JVM, started when it is first asked for and stopped when the JVM ends, with a new database for each that asks. */
final class EmbeddedDatabases {

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static @Nullable EmbeddedPostgres server;

    private EmbeddedDatabases() {}

    /** The URL of a new, empty database. */
    static synchronized String create() {
        EmbeddedPostgres postgres = server();
        String name = "test_" + COUNT.incrementAndGet();
        execute(postgres, "create database " + name);
        return "postgresql://postgres:postgres@127.0.0.1:" + postgres.getPort() + "/" + name;
    }

    /** Makes those that are not there; roles are the server's, so other databases may have made them. */
    static synchronized void makeRoles(List<String> roles) {
        for (String role : roles) {
            String name = role.replace("\"", "\"\"");
            execute(
                    server(),
                    "do $$ begin create role \"" + name
                            + "\" login; exception when duplicate_object then null; end $$");
        }
    }

    private static EmbeddedPostgres server() {
        if (server == null) {
            try {
                // What a crash would lose is a test's.
                server = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .setServerConfig("full_page_writes", "off")
                        .setPGStartupWait(Duration.ofSeconds(60))
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return server;
    }

    private static void execute(EmbeddedPostgres postgres, String sql) {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
