package io.pgnetty.junit;

import io.pgnetty.config.Setting;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A database with schema {@code net}, a bridge in this JVM and an {@linkplain #target() HTTP server that records}, for a class of tests:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final PgnettyExtension pgnetty = PgnettyExtension.embedded();
 * }</pre>
 *
 * In a static field it runs from the first test to the last, and each test begins with an empty record; in an embedded database also
 * without requests and responses of the one before. In a field that is not static each test has a database of its own, or each instance where
 * the class has one for all its tests. Tests that share an extension must not run at the same time: each begins by clearing up.
 */
public final class PgnettyExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Supplier<String> source;
    private final boolean embedded;
    private final Map<String, Supplier<String>> options = new LinkedHashMap<>();
    private final List<String> grantees = new ArrayList<>();
    /** The classes and tests that it runs for. */
    private final Set<String> users = new HashSet<>();

    private @Nullable Running running;

    private PgnettyExtension(Supplier<String> source, boolean embedded) {
        this.source = source;
        this.embedded = embedded;
    }

    /** With a new database in a PostgreSQL that this JVM starts, from binaries on the class path; nothing need be installed. */
    public static PgnettyExtension embedded() {
        return new PgnettyExtension(EmbeddedDatabases::create, true);
    }

    /**
     * With a database that is there. What is in it stays, but for what {@code install} changes.
     *
     * @param url {@code postgresql://user:password@host:port/database}, as a role that may create a schema there
     */
    public static PgnettyExtension at(String url) {
        return at(() -> url);
    }

    /**
     * With a database whose place is known only when the tests begin: that of a container.
     *
     * @param url asked once, before the first test
     */
    public static PgnettyExtension at(Supplier<String> url) {
        return new PgnettyExtension(url, false);
    }

    /**
     * Sets an option of {@code pgnetty run} for the bridge, such as {@code "max-response-bytes", "1MiB"}. Unless told otherwise it may send
     * to this machine. A wrong name or value fails the first test.
     */
    public PgnettyExtension with(String option, String value) {
        return with(option, () -> value);
    }

    /**
     * Sets an option of {@code pgnetty run} for the bridge to what is known only when the tests begin, such as a temporary folder.
     */
    public PgnettyExtension with(String option, Supplier<String> value) {
        options.put(option.replaceFirst("^--", ""), value);
        return this;
    }

    /** Lets roles make requests, as {@code install --grant} does; in an embedded database those that are not there are made, without a password. */
    public PgnettyExtension grant(String... roles) {
        grantees.addAll(List.of(roles));
        return this;
    }

    /** Where the database is: {@code postgresql://user:password@host:port/database}. */
    public String url() {
        return running().url();
    }

    /** The same for a JDBC driver, login included. */
    public String jdbcUrl() {
        return running().jdbcUrl();
    }

    /** A new session, which the caller closes. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl());
    }

    /** The server to send to. */
    public RecordingTarget target() {
        return running().target();
    }

    /**
     * Waits for 10 s until a request has ended.
     *
     * @param id what {@code net.http_post} and the others return; its transaction must be committed
     * @throws AssertionError if it has not, with what is known of it
     */
    public RequestResult await(long id) {
        return await(id, PATIENCE);
    }

    /**
     * Waits until a request has ended.
     *
     * @param id what {@code net.http_post} and the others return; its transaction must be committed
     * @throws AssertionError if it has not, with what is known of it
     */
    public RequestResult await(long id, Duration timeout) {
        return running().requests().await(id, timeout);
    }

    /**
     * Waits for 10 s until everything that was to be sent by now has ended: answered, failed for good, or cancelled.
     *
     * @throws AssertionError if something has not, with what is known of it
     */
    public void awaitAll() {
        awaitAll(PATIENCE);
    }

    /**
     * Waits until everything that was to be sent by now has ended: answered, failed for good, or cancelled.
     *
     * @throws AssertionError if something has not, with what is known of it
     */
    public void awaitAll(Duration timeout) {
        running().requests().awaitNone(timeout);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        start(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        start(context);
        running().begin(embedded);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        stop(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        stop(context);
    }

    /** Each class and test that uses it holds it: nested classes of a static one, and each test of one that is not static. */
    private synchronized void start(ExtensionContext context) {
        if (users.isEmpty()) {
            UnconfiguredLogback.hush();
            // Before anything is started.
            Map<Setting, String> settings = Options.of(options);
            running = Running.start(source.get(), embedded, settings, grantees);
        }
        users.add(context.getUniqueId());
    }

    /** Also called where starting has failed, by this extension or by one before it. */
    private synchronized void stop(ExtensionContext context) {
        if (users.remove(context.getUniqueId()) && users.isEmpty()) {
            Running last = running();
            running = null;
            last.stop();
        }
    }

    private synchronized Running running() {
        if (running == null) {
            throw new IllegalStateException(
                    "no test runs: is the field annotated with @RegisterExtension, and asked within a test?");
        }
        return running;
    }
}
