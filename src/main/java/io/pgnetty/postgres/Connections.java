package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** How we connect to PostgreSQL. */
public final class Connections {

    /** A statement of ours takes milliseconds; one that waits this long for a lock or a disk is better tried again. */
    static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(20);

    /**
     * Longer than any lock of ours, or of a careful migration, is held: a statement that waits longer fails, and is tried again. Shorter than
     * the statement's limit, so that a lock is told from a trigger that does not end.
     */
    static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

    /**
     * What our statements mean, and cost, must not hang on settings of the database or of the role: whose operators and functions
     * come first, as whom they run, how values are read and written. A startup parameter outranks both.
     */
    static final Map<String, String> PINNED = Map.ofEntries(
            Map.entry("search_path", "pg_catalog, pg_temp"),
            Map.entry("role", "none"),
            // What the statements of sql/statements are written for.
            Map.entry("default_transaction_isolation", "read committed"),
            Map.entry("row_security", "on"),
            Map.entry("bytea_output", "hex"),
            Map.entry("array_nulls", "on"),
            Map.entry("transform_null_equals", "off"),
            Map.entry("standard_conforming_strings", "on"),
            Map.entry("backslash_quote", "safe_encoding"),
            Map.entry("datestyle", "ISO, MDY"),
            Map.entry("intervalstyle", "postgres"),
            Map.entry("extra_float_digits", "1"),
            Map.entry("quote_all_identifiers", "off"),
            Map.entry("client_min_messages", "warning"),
            // Parameters are bodies.
            Map.entry("log_parameter_max_length_on_error", "0"),
            // Compiling a statement takes a second of processor time, each time that it runs; none of ours runs that
            // long.
            Map.entry("jit", "off"));

    /** What decides how statements are planned, and whether an idle session lives. Where sessions are ours: these cost, but do not err. */
    private static final Map<String, String> PLANNED = Map.ofEntries(
            Map.entry("enable_indexscan", "on"),
            Map.entry("enable_indexonlyscan", "on"),
            Map.entry("enable_bitmapscan", "on"),
            Map.entry("enable_tidscan", "on"),
            Map.entry("enable_seqscan", "on"),
            Map.entry("enable_sort", "on"),
            Map.entry("enable_nestloop", "on"),
            Map.entry("enable_hashjoin", "on"),
            Map.entry("enable_mergejoin", "on"),
            Map.entry("enable_material", "on"),
            Map.entry("from_collapse_limit", "8"),
            Map.entry("join_collapse_limit", "8"),
            Map.entry("plan_cache_mode", "auto"),
            Map.entry("idle_session_timeout", "0"));

    private Connections() {}

    /** Direct connections that run statements: bounded on the server's side as well. */
    static Connector direct(DatabaseUrl url) {
        Map<String, String> settings = ours();
        settings.put("statement_timeout", String.valueOf(STATEMENT_TIMEOUT.toMillis()));
        settings.put("lock_timeout", String.valueOf(LOCK_TIMEOUT.toMillis()));
        settings.put("idle_in_transaction_session_timeout", String.valueOf(STATEMENT_TIMEOUT.toMillis()));
        return new Connector(url, settings, 32);
    }

    /**
     * Connections through a transaction pooler: no named statements and no settings, since the session behind it is shared.
     * What must be pinned is pinned for each transaction, see {@link Database}.
     */
    static Connector pooled(DatabaseUrl url) {
        return new Connector(url, Map.of(), 0);
    }

    /** A direct connection of ours without time limits: for the notifications. */
    static Connector unbounded(DatabaseUrl url) {
        return new Connector(url, ours(), 0);
    }

    /** The settings of a session of ours. */
    static Map<String, String> ours() {
        Map<String, String> settings = new HashMap<>(PINNED);
        settings.putAll(PLANNED);
        return settings;
    }

    /** A plain direct connection: for an installation, whose script pins what it needs, and for a person's statements. */
    public static Connector plain(DatabaseUrl url) {
        return new Connector(url, Map.of(), 0);
    }
}
