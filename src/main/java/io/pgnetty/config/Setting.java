package io.pgnetty.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The options of {@code run}: the only definition of their names, defaults and texts. Each is also an environment
 * variable and a key of the configuration file.
 */
public enum Setting {
    URL(
            "URL",
            null,
            "The database: postgresql://user:password@host:port/db?sslmode=verify-full&sslrootcert=… "
                    + "Default: DATABASE_URL, else libpq's PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE."),
    URL_FILE(
            "FILE",
            null,
            "A file with the URL, or, where --url is given, with the password alone. It is read again for each new connection."),
    LISTEN_URL(
            "URL",
            null,
            "A direct connection for LISTEN, when --url goes through a transaction pooler. Default: the same as --url."),
    CALLBACK_URL(
            "URL",
            null,
            "The same database, directly, as a role of its own that may do nothing else: calls on_response functions as that role. "
                    + "Without it requests with on_response are refused."),
    ADMIN(
            "HOST:PORT",
            "127.0.0.1:9464",
            "Address for metrics and probes; beyond loopback only with --admin-token-file."),
    ADMIN_TOKEN_FILE(
            "FILE",
            null,
            "A file with the token that --admin asks for (Authorization: Bearer ...), but for /livez and /readyz; read at each use."),
    ADMIN_HOST(
            "LIST",
            null,
            "Names besides loopback ones by which --admin may be asked (the Host header), comma-separated."),
    ADMIN_TLS_CERT(
            "FILE", null, "Certificates for --admin, PEM: it then speaks TLS alone. Read again when they change."),
    ADMIN_TLS_KEY("FILE", null, "Their key, PEM in PKCS #8."),
    PROBES("HOST:PORT", null, "A second address that serves /livez, /readyz, /metrics and nothing else."),
    CONCURRENCY("N", "256", "Maximum number of HTTP requests in flight, per bridge."),
    CONNECTION_MAX_AGE(
            "TIME",
            "60s",
            "How long an HTTP connection is kept and reused. After that a new one is made, to where the host's name leads by then."),
    EGRESS_ALLOW(
            "LIST",
            null,
            "What may be reached besides public addresses on ports 80, 443 and above 1023: "
                    + "comma-separated CIDRs, host names, *.example.com, each with :port if wanted."),
    EGRESS_DENY(
            "LIST", null, "What may never be reached, even if --egress-allow names it; same form as --egress-allow."),
    EGRESS_NAT64(
            "LIST",
            null,
            "Prefixes with which this network's NAT64 maps IPv4 addresses, besides 64:ff9b::/96: comma-separated CIDRs."),
    EGRESS_PROXY(
            "URL",
            null,
            "An HTTP proxy for all requests, http://host:port. Names are resolved and checked here, and it is asked for the address (CONNECT)."),
    EGRESS_PROXY_SECRET("NAME", null, "A secret, user:password, for the proxy (--secrets-dir, PGNETTY_SECRET_NAME)."),
    EGRESS_TRUST_PROXY(
            "true|false",
            "false",
            "Asks the proxy for names, unresolved: the proxy then decides which addresses may be reached."),
    TLS_CA("FILE", null, "Certificates that are believed of targets besides the JVM's, PEM."),
    TLS_MIN("1.2|1.3", "1.2", "The lowest version of TLS with targets."),
    TLS_HOSTS(
            "DIR",
            null,
            "A folder with a folder for each host or *.example.com that needs its own tls.crt and tls.key, ca.crt, server-name or min-version. "
                    + "All are read again when they change."),
    MAX_REQUEST_BYTES("SIZE", "10MiB", "Requests with a larger body fail and are not sent."),
    MAX_RESPONSE_BYTES("SIZE", "10MiB", "Responses with a larger body end as an error."),
    MAX_QUEUED(
            "N",
            "5000000",
            "Maximum number of requests in the queue; further calls fail. Set the same value on every bridge."),
    RESPONSE_TTL("TIME", "6h", "Responses older than this are deleted."),
    DEAD_LETTER_TTL("TIME", "14d", "Dead letters older than this are deleted."),
    LEASE(
            "TIME",
            "30s",
            "How long a bridge may go without a sign of life before other bridges send the requests that it had taken."),
    CONNECTIONS("N", "6", "Connections to the database for statements; one more listens."),
    FALLBACK_POLL("TIME", "5s", "A bridge looks for requests after this time even if nothing has notified it."),
    DRAIN_TIMEOUT("TIME", "25s", "How long SIGTERM waits for requests in flight."),
    SECRETS_DIR(
            "DIR",
            null,
            "A folder with a file for each secret that requests may name (net.allow_secret); read at each use."),
    TRACES(
            "URL",
            null,
            "Sends traces of requests to this OTLP collector over HTTP, such as http://localhost:4318/v1/traces."),
    TRACES_SAMPLE(
            "SHARE",
            "1",
            "The share of requests without a traceparent that are traced, 0 to 1; a traceparent says that itself."),
    LOG_FORMAT("text|json", null, "Default: text on a terminal, else json.");

    private final String placeholder;
    private final Optional<String> defaultText;
    private final String description;

    Setting(String placeholder, @org.jspecify.annotations.Nullable String defaultText, String description) {
        this.placeholder = placeholder;
        this.defaultText = Optional.ofNullable(defaultText);
        this.description = description;
    }

    /** The key in a configuration file, such as {@code drain-timeout}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The option, such as {@code --drain-timeout}. */
    public String option() {
        return "--" + key();
    }

    /** The environment variable, such as {@code PGNETTY_DRAIN_TIMEOUT}. */
    public String variable() {
        return variable(key());
    }

    static String variable(String key) {
        return "PGNETTY_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** What stands for its value in the help text. */
    public String placeholder() {
        return placeholder;
    }

    /** The default as one would write it; empty where there is none, or where the description says how it is found. */
    public Optional<String> defaultText() {
        return defaultText;
    }

    /** One or two sentences for the help text. */
    public String description() {
        return description;
    }

    /** The one with that key, if there is one. */
    public static Optional<Setting> ofKey(String key) {
        return Arrays.stream(values())
                .filter(setting -> setting.key().equals(key))
                .findFirst();
    }
}
