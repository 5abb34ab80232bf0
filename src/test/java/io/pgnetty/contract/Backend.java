package io.pgnetty.contract;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.Setting;
import io.pgnetty.testing.PgBouncer;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * What the contract is held against: each supported PostgreSQL, encodings, a pooler in between, and a container where
 * {@code -Dpgnetty.test.image=postgres:17} names an image. Started once a test JVM, with a bridge.
 */
enum Backend {
    POSTGRES_15("15", "UTF8"),
    POSTGRES_16("16", "UTF8"),
    POSTGRES_17("17", "UTF8"),
    POSTGRES_18("18", "UTF8"),
    LATIN1("17", "LATIN1"),
    SQL_ASCII("17", "SQL_ASCII"),
    PGBOUNCER("17", "UTF8"),
    CONTAINER("", "UTF8");

    static final String IMAGE = "pgnetty.test.image";

    private static final Map<Backend, Running> RUNNING = new ConcurrentHashMap<>();

    private final String major;
    private final String encoding;

    Backend(String major, String encoding) {
        this.major = major;
        this.encoding = encoding;
    }

    /** A database with schema net and its bridge. */
    record Running(TestDatabase database, TestBridge bridge) {}

    static Stream<Backend> all() {
        String image = System.getProperty(IMAGE, "");
        return image.isEmpty() ? Stream.of(values()).filter(backend -> backend != CONTAINER) : Stream.of(CONTAINER);
    }

    String encoding() {
        return encoding;
    }

    /** Starts it, or gives what runs; aborts the test where this machine lacks a part. */
    Running running() {
        if (this != CONTAINER) {
            Assumptions.assumeTrue(
                    TestPostgres.has(major), "no binaries of PostgreSQL " + major + " for this platform");
        }
        if (this == PGBOUNCER) {
            Assumptions.assumeTrue(PgBouncer.installed(), "pgbouncer is not installed");
        }
        return RUNNING.computeIfAbsent(this, backend -> backend.start());
    }

    private Running start() {
        TestDatabase database =
                this == CONTAINER ? container() : TestPostgres.version(major).empty(encoding);
        for (String role : new String[] {"alice", "bob", "carol"}) {
            if (database.rows("select from pg_roles where rolname = '" + role + "'")
                    .isEmpty()) {
                database.run("create role " + role + " login password '" + role + "'");
            }
        }
        TestPostgres.install(database, "alice", "bob");
        Map<Setting, String> limits = Map.of(Setting.MAX_RESPONSE_BYTES, "256KiB", Setting.MAX_REQUEST_BYTES, "256KiB");
        Optional<PgBouncer> pooler = this == PGBOUNCER ? Optional.of(PgBouncer.inFrontOf(database)) : Optional.empty();
        TestBridge bridge = pooler.isEmpty()
                ? TestBridge.start(database, limits)
                : TestBridge.start(
                        database,
                        Map.of(
                                Setting.URL,
                                pooler.get().url(database),
                                Setting.LISTEN_URL,
                                database.text(),
                                Setting.MAX_RESPONSE_BYTES,
                                "256KiB",
                                Setting.MAX_REQUEST_BYTES,
                                "256KiB"));
        return new Running(database, bridge);
    }

    private static TestDatabase container() {
        PostgreSQLContainer postgres = new PostgreSQLContainer(
                DockerImageName.parse(System.getProperty(IMAGE)).asCompatibleSubstituteFor("postgres"));
        postgres.start();
        return new TestDatabase(DatabaseUrl.parse(
                "postgresql://" + postgres.getUsername() + ":" + postgres.getPassword() + "@" + postgres.getHost() + ":"
                        + postgres.getMappedPort(5432) + "/" + postgres.getDatabaseName(),
                Map.of()));
    }
}
