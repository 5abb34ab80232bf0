package io.pgnetty.config;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration: command line before environment before file before default. Collects every problem before it
 * fails.
 */
public final class ConfigReader {

    private final SettingSources sources;
    private final UrlReader urls;
    private final OptionValues values;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /** Takes what was given on the command line, and the environment. */
    public ConfigReader(Map<Setting, String> commandLine, Map<String, String> env) {
        this.sources = new SettingSources(commandLine, env);
        this.urls = new UrlReader(sources, problems);
        this.values = new OptionValues(sources, problems);
        warnings.addAll(NearMisses.among(env.keySet()));
        OldNames.variables().forEach((old, name) -> {
            if (env.containsKey(old)) {
                problems.add(old + " is called " + name + " now");
            }
        });
    }

    /** Adds a file of {@code key=value} lines (Java properties, UTF-8), its keys the options without their dashes. */
    public ConfigReader withFile(Path path) {
        try {
            sources.read(path);
        } catch (IOException | IllegalArgumentException e) {
            problems.add("--config: cannot read " + path + ": " + e.getMessage());
        }
        warnIfOthersMayRead(path);
        sources.keys().stream()
                .sorted()
                .filter(key -> Setting.ofKey(key).isEmpty())
                .forEach(key -> problems.add("--config: " + path + unknown(key)));
        return this;
    }

    private static String unknown(String key) {
        return OldNames.ofKey(key)
                .map(name -> " has the key " + key + ", which is called " + name + " now")
                .orElse(" has an unknown key: " + key);
    }

    /** What is not wrong, and not as it should be. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    private void warnIfOthersMayRead(Path path) {
        try {
            if (Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_READ)) {
                warnings.add("--config: every user of this machine may read " + path
                        + ", which may hold a password: chmod o-r it");
            }
        } catch (IOException | UnsupportedOperationException e) {
            // Not there, which is said already; or a file system without such permissions.
            return;
        }
    }

    /** Adds a problem that somebody else found, to be said with the others. */
    public void problem(String problem) {
        problems.add(problem);
    }

    /**
     * Reads everything.
     *
     * @param terminal whether logs go to a terminal, which decides the default of {@code --log-format}
     * @throws ConfigException with every problem
     */
    public Config read(boolean terminal) {
        DatabaseUrl url = urls.url();
        DatabaseUrl listenUrl = sources.text(Setting.LISTEN_URL).isPresent() ? urls.listenUrl() : url;
        Optional<DatabaseUrl> callbackUrl = urls.callbackUrl();
        callbackUrl
                .filter(other -> url.user().equals(other.user()))
                .ifPresent(other -> problems.add(Setting.CALLBACK_URL.option() + ": needs a role of its own: as "
                        + other.user() + ", functions of others could do what the bridge may"));
        Config.@Nullable Database database = values.section(() -> database(url, listenUrl));
        Config.@Nullable Delivery delivery = values.section(this::delivery);
        Config.Egress egress = new Config.Egress(
                values.list(Setting.EGRESS_ALLOW, EgressEntry::parse),
                values.list(Setting.EGRESS_DENY, EgressEntry::parse),
                values.list(Setting.EGRESS_NAT64, Parsers::nat64));
        Config.@Nullable Targets targets = values.section(this::targets);
        Config.@Nullable Admin admin = values.section(this::admin);
        Config.@Nullable Tracing tracing = tracing();
        LogFormat given = values.optional(Setting.LOG_FORMAT, Parsers::logFormat);
        LogFormat logFormat = given != null ? given : terminal ? LogFormat.TEXT : LogFormat.JSON;
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        warnings.addAll(EgressWarnings.of(egress.allow()));
        return new Config(
                OptionValues.built(database),
                OptionValues.built(delivery),
                egress,
                OptionValues.built(targets),
                OptionValues.built(admin),
                callbackUrl.orElse(null),
                tracing,
                logFormat);
    }

    private Config.Database database(DatabaseUrl url, DatabaseUrl listenUrl) {
        return new Config.Database(
                url,
                listenUrl,
                values.value(Setting.LEASE, Units::duration),
                values.value(Setting.FALLBACK_POLL, Units::duration),
                values.value(Setting.MAX_QUEUED, Parsers::number),
                values.value(Setting.CONNECTIONS, Parsers::number),
                values.value(Setting.RESPONSE_TTL, Units::duration),
                values.value(Setting.DEAD_LETTER_TTL, Units::duration));
    }

    private Config.Delivery delivery() {
        return new Config.Delivery(
                values.value(Setting.CONCURRENCY, Parsers::number),
                values.value(Setting.CONNECTION_MAX_AGE, Units::duration),
                values.value(Setting.MAX_REQUEST_BYTES, Units::size),
                values.value(Setting.MAX_RESPONSE_BYTES, Units::size),
                values.value(Setting.DRAIN_TIMEOUT, Units::duration));
    }

    private Config.Targets targets() {
        HostPort proxy = values.optional(Setting.EGRESS_PROXY, Proxy::address);
        String secret = values.optional(Setting.EGRESS_PROXY_SECRET, Parsers::secretName);
        boolean trusted = values.value(Setting.EGRESS_TRUST_PROXY, Parsers::truth);
        if (proxy == null
                && (secret != null || trusted)
                && sources.text(Setting.EGRESS_PROXY).isEmpty()) {
            problems.add((secret != null ? Setting.EGRESS_PROXY_SECRET : Setting.EGRESS_TRUST_PROXY).option()
                    + ": needs --egress-proxy");
        }
        TargetTlsFiles tls = new TargetTlsFiles(
                values.optional(Setting.TLS_CA, Parsers::file),
                values.optional(Setting.TLS_HOSTS, Parsers::folder),
                values.value(Setting.TLS_MIN, TlsVersion::parse));
        // So that what is wrong with them is said here.
        values.section(tls::read);
        return new Config.Targets(
                values.optional(Setting.SECRETS_DIR, Parsers::folder),
                proxy == null ? null : new Proxy(proxy, secret, trusted),
                tls);
    }

    private Config.@Nullable Tracing tracing() {
        URI collector = values.optional(Setting.TRACES, Parsers::http);
        double sample = values.value(Setting.TRACES_SAMPLE, Parsers::share);
        return collector == null ? null : new Config.Tracing(collector, sample);
    }

    private Config.Admin admin() {
        HostPort address = values.value(Setting.ADMIN, HostPort::parse);
        Path cert = values.optional(Setting.ADMIN_TLS_CERT, Parsers::file);
        Path key = values.optional(Setting.ADMIN_TLS_KEY, Parsers::file);
        KeyFiles tls = cert == null || key == null ? null : new KeyFiles(cert, key);
        if (sources.text(Setting.ADMIN_TLS_CERT).isPresent()
                != sources.text(Setting.ADMIN_TLS_KEY).isPresent()) {
            problems.add("--admin-tls-cert and --admin-tls-key: need each other");
        }
        if (tls != null) {
            tls.problems()
                    .forEach(problem -> problems.add("--admin-tls-cert, --admin-tls-key: "
                            + problem.replaceFirst("^has ssl(\\w+) with", "the $1 is")));
        }
        return new Config.Admin(
                address,
                values.optional(Setting.PROBES, HostPort::parse),
                values.optional(Setting.ADMIN_TOKEN_FILE, Parsers::token),
                Set.copyOf(values.list(Setting.ADMIN_HOST, Parsers::host)),
                tls);
    }

    /**
     * Reads the database's URL alone, for commands that need no more.
     *
     * @throws ConfigException with every problem
     */
    public DatabaseUrl readUrl() {
        DatabaseUrl url = urls.url();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return url;
    }
}
