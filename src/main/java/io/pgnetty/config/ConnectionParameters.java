package io.pgnetty.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What libpq's parameters say (PostgreSQL documentation, section 34.1.2); what is not given comes from its environment variables. Each is
 * taken once; what is wrong counts as not given, and is said by {@link #check} with all else.
 */
final class ConnectionParameters {

    /** libpq waits for ever. For one of several servers less: the next one may be the primary. */
    private static final int CONNECT_SECONDS = 10;

    private static final int CONNECT_SECONDS_OF_SEVERAL = 4;
    private static final int LONGEST_CONNECT_SECONDS = 600;

    private final List<String> problems = new ArrayList<>();
    private final Map<String, String> given;
    private final Map<String, String> env;

    /**
     * Takes what was given.
     *
     * @param given by libpq's names
     * @param env the environment
     */
    ConnectionParameters(Map<String, String> given, Map<String, String> env) {
        this.given = new LinkedHashMap<>(given);
        this.env = env;
    }

    /** The environment variable of a parameter. */
    static String variable(String name) {
        return switch (name) {
            case "dbname" -> "PGDATABASE";
            case "application_name" -> "PGAPPNAME";
            case "connect_timeout" -> "PGCONNECT_TIMEOUT";
            default -> "PG" + name.toUpperCase(Locale.ROOT).replace("_", "");
        };
    }

    /** One at least. */
    List<DatabaseServer> servers() {
        return tried(() -> servers(take("host", ""), take("port", "")), List.of());
    }

    String user() {
        return take("user", System.getProperty("user.name", "postgres"));
    }

    @Nullable
    String password() {
        return orNull(take("password", ""));
    }

    /** By default that with the user's name. */
    String database(String user) {
        return take("dbname", user);
    }

    /**
     * Checks that nothing was wrong, and nothing given beside what was taken.
     *
     * @throws IllegalArgumentException with a text for the operator that says all that is wrong, without the password
     */
    void check() {
        UnsupportedParameter.ALL.forEach(this::check);
        if (!given.isEmpty()) {
            problems.add(
                    "has parameters that are not libpq's: " + String.join(", ", given.keySet()) + ": leave them out");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    private <T> T tried(Supplier<T> value, T otherwise) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
            return otherwise;
        }
    }

    private void check(UnsupportedParameter parameter) {
        String source = given.containsKey(parameter.name())
                ? "has " + parameter.name()
                : "comes with " + variable(parameter.name()) + " in the environment";
        if (!parameter.isHarmless(take(parameter.name(), ""))) {
            problems.add(source + ": " + parameter.instead());
        }
    }

    private static List<DatabaseServer> servers(String hosts, String ports) {
        String[] host = hosts.split(",", -1);
        String[] port = ports.split(",", -1);
        if (port.length != 1 && port.length != host.length) {
            throw new IllegalArgumentException("has " + host.length + " hosts and " + port.length + " ports");
        }
        List<DatabaseServer> servers = new ArrayList<>();
        for (int i = 0; i < host.length; i++) {
            String at = port[port.length == 1 ? 0 : i];
            servers.add(new DatabaseServer(host[i].isEmpty() ? "localhost" : host[i], at.isEmpty() ? 5432 : port(at)));
        }
        return List.copyOf(servers);
    }

    private static int port(String text) {
        try {
            return HostPort.parsePort(text, 1);
        } catch (IllegalArgumentException e) {
            throw ConnectionUri.notEncoded("does not have a valid port");
        }
    }

    /** How it is encrypted. */
    DatabaseTls tls() {
        String rootCert = take("sslrootcert", "");
        boolean isSystem = rootCert.equals("system");
        // As JDBC has it, and libpq takes it; it never weakens what is said beside it.
        if ("true".equals(given.remove("ssl"))) {
            given.putIfAbsent("sslmode", "require");
        }
        String said = take("sslmode", isSystem ? "verify-full" : "prefer");
        SslMode mode = tried(() -> SslMode.parse(said), SslMode.VERIFY_FULL);
        if (isSystem && mode != SslMode.VERIFY_FULL) {
            problems.add("has sslrootcert=system, which needs sslmode=verify-full");
        }
        if (mode == SslMode.REQUIRE && !rootCert.isEmpty()) {
            // So it is in libpq: who gives a certificate to believe wants it to be checked.
            mode = SslMode.VERIFY_CA;
        }
        String cert = take("sslcert", "");
        String key = take("sslkey", "");
        if (cert.isEmpty() != key.isEmpty()) {
            problems.add("has only one of sslcert and sslkey: give both");
        }
        String ca = isSystem ? "" : rootCert;
        problems.addAll(TlsFiles.problems(cert, key, ca));
        return new DatabaseTls(
                mode,
                orNull(ca),
                orNull(cert),
                orNull(key),
                orNull(take("sslpassword", "")),
                !take("sslsni", "1").equals("0"),
                oneOf("sslnegotiation", "postgres", "direct").equals("direct"));
    }

    /** How it is made, where there are so many servers. */
    DatabaseSession session(int servers) {
        int connect = number("connect_timeout", 0);
        int seconds = connect > 0
                ? Math.min(LONGEST_CONNECT_SECONDS, Math.max(2, connect))
                : servers > 1 ? CONNECT_SECONDS_OF_SEVERAL : CONNECT_SECONDS;
        return new DatabaseSession(
                Duration.ofSeconds(seconds),
                take("application_name", "pgnetty"),
                take("options", ""),
                oneOf("channel_binding", "prefer", "disable", "require"),
                wanted(servers),
                passFile(),
                new DatabaseSession.Keepalive(
                        number("keepalives", 1) != 0,
                        positive("keepalives_idle", 15),
                        positive("keepalives_interval", 5),
                        positive("keepalives_count", 3),
                        positive("tcp_user_timeout", 20_000)));
    }

    /** Of several servers only a primary is of use, also where libpq would take any. */
    private DatabaseSession.Wanted wanted(int servers) {
        String wanted = take("target_session_attrs", "any");
        return switch (wanted) {
            case "any" -> servers > 1 ? DatabaseSession.Wanted.PRIMARY : DatabaseSession.Wanted.ANY;
            case "primary", "read-write" -> DatabaseSession.Wanted.PRIMARY;
            default -> {
                problems.add("has target_session_attrs=" + wanted
                        + ": pgnetty writes, and needs a primary: say primary, or leave it out");
                yield DatabaseSession.Wanted.PRIMARY;
            }
        };
    }

    private @Nullable PasswordFile passFile() {
        String named = take("passfile", "");
        PasswordFile file = new PasswordFile(
                named.isEmpty() ? Path.of(System.getProperty("user.home", ""), ".pgpass") : Path.of(named));
        Optional<String> problem = file.problem();
        if (problem.isPresent() && !named.isEmpty()) {
            problems.add("names " + problem.get());
        }
        return file;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private String oneOf(String name, String first, String... others) {
        List<String> all = new ArrayList<>(List.of(others));
        all.add(0, first);
        String value = take(name, first);
        if (!all.contains(value)) {
            problems.add("has " + name + "=" + value + ": it is one of " + String.join(", ", all));
            return first;
        }
        return value;
    }

    /** Zero and less stand for the default, as in libpq. */
    private int positive(String name, int otherwise) {
        int value = number(name, otherwise);
        return value > 0 ? value : otherwise;
    }

    private int number(String name, int otherwise) {
        String value = take(name, "");
        if (!value.isEmpty() && !value.strip().matches("[+-]?[0-9]{1,9}")) {
            problems.add("has " + name + "=" + value + ": it is a whole number");
            return otherwise;
        }
        return value.isEmpty() ? otherwise : Integer.parseInt(value.strip());
    }

    /** What was given, or what the environment says, or the default. An empty value counts as not given. */
    private String take(String name, String otherwise) {
        String value = given.remove(name);
        if (value == null || value.isEmpty()) {
            value = env.get(variable(name));
        }
        return value == null || value.isEmpty() ? otherwise : value;
    }
}
