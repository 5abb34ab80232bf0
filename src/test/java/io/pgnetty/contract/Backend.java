package io.pgnetty.contract;

import io.pgnetty.config.DatabaseUrl;
import io.pgnetty.config.Setting;
import io.pgnetty.postgres.Schema;
import io.pgnetty.testing.PgBouncer;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.util.EnumMap;
import java.util.List;
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
    /** The database's settings are others than anybody expects, for callers and for the bridge. */
    ODD_SETTINGS("17", "UTF8"),
    ODD_SETTINGS_PGBOUNCER("16", "UTF8"),
    CONTAINER("", "UTF8");

    static final String IMAGE = "pgnetty.test.image";

    /**
     * Not among them: a default of serializable transactions, in which net.http_get_result must not wait; row_security = off, with
     * which PostgreSQL refuses what the policies filter; and what changes the tests' own statements. PinnedSettingsTest has those.
     */
    private static final List<String> ODD = List.of(
            "bytea_output = escape",
            "array_nulls = off",
            "datestyle = 'German, DMY'",
            "intervalstyle = sql_standard",
            "timezone = 'Pacific/Chatham'",
            "extra_float_digits = -15",
            "transform_null_equals = on",
            "backslash_quote = on",
            "xmloption = document",
            "default_transaction_deferrable = on",
            "client_min_messages = debug1",
            "statement_timeout = '15s'",
            "lock_timeout = '1s'",
            "idle_in_transaction_session_timeout = '5s'",
            "idle_session_timeout = '5s'",
            "plan_cache_mode = force_generic_plan",
            "join_collapse_limit = 1",
            "from_collapse_limit = 1",
            "enable_indexscan = off",
            "enable_indexonlyscan = off",
            "enable_bitmapscan = off",
            "enable_nestloop = off",
            "enable_hashjoin = off",
            "enable_sort = off",
            "work_mem = '64kB'",
            "synchronous_commit = off");

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
        if (isPooled()) {
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
        if (this == ODD_SETTINGS || this == ODD_SETTINGS_PGBOUNCER) {
            String name = database.one("select current_database()");
            ODD.forEach(setting -> database.run("alter database " + name + " set " + setting));
        }
        Map<Setting, String> settings =
                new EnumMap<>(Map.of(Setting.MAX_RESPONSE_BYTES, "256KiB", Setting.MAX_REQUEST_BYTES, "256KiB"));
        TestDatabase theirs = this == POSTGRES_15 || this == POSTGRES_18 ? equipped(database) : database;
        settings.put(Setting.URL, theirs.text());
        if (isPooled()) {
            settings.put(Setting.URL, PgBouncer.inFrontOf(database).url(database));
            settings.put(Setting.LISTEN_URL, database.text());
        }
        return new Running(database, TestBridge.start(database, settings));
    }

    /** As a role that may do nothing but run a bridge. */
    private static TestDatabase equipped(TestDatabase database) {
        String role = "bridge_" + database.one("select current_database()");
        Schema.run(
                        database.url(),
                        Schema.installScript(new Schema.Options(
                                List.of(), List.of(role), List.of(), Optional.empty(), Optional.empty())))
                .block();
        database.run("alter role " + role + " password '" + role + "'");
        return database.as(role);
    }

    private boolean isPooled() {
        return this == PGBOUNCER || this == ODD_SETTINGS_PGBOUNCER;
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
