package io.pgnetty.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where PostgreSQL is and who we are there, as a libpq connection URI says it (PostgreSQL documentation, section 34.1.1.2).
 * Its text form has no password.
 *
 * @param host a name, an address, or a folder with a Unix socket (begins with a slash)
 * @param port 1 to 65535
 * @param user role to log in as
 * @param password null where the server asks for none
 * @param database name of the database
 * @param sslMode encryption and certificate check
 * @param sslRootCert file with the certificates to believe, or null for the JVM's
 * @param source reads it again, where it comes from a file that is replaced when its password is; or null
 */
public record DatabaseUrl(
        String host,
        int port,
        String user,
        @Nullable String password,
        String database,
        SslMode sslMode,
        @Nullable String sslRootCert,
        @Nullable Supplier<DatabaseUrl> source) {

    private static final String NOT_ENCODED = "; in a password write / as %2F, ? as %3F, # as %23, @ as %40, % as %25";

    /**
     * Parses {@code postgresql://user:password@host:port/db?sslmode=verify-full&sslrootcert=…}; what it does not say is
     * taken from libpq's environment variables.
     *
     * @throws IllegalArgumentException with a text for the operator, without the password
     */
    public static DatabaseUrl parse(String text, Map<String, String> env) {
        String rest = withoutScheme(text);
        // Nothing of the text is quoted from here on: it may be a piece of the password.
        if (rest.lastIndexOf('@') > authorityEnd(rest)) {
            throw new IllegalArgumentException("has an @ after its host" + NOT_ENCODED);
        }
        Map<String, String> given = new LinkedHashMap<>();
        int query = rest.indexOf('?');
        if (query >= 0) {
            putParameters(given, rest.substring(query + 1));
            rest = rest.substring(0, query);
        }
        int slash = rest.indexOf('/');
        if (slash >= 0) {
            putIfAny(given, "dbname", decode(rest.substring(slash + 1)));
            rest = rest.substring(0, slash);
        }
        int at = rest.lastIndexOf('@');
        if (at >= 0) {
            putLogin(given, rest.substring(0, at));
            rest = rest.substring(at + 1);
        }
        putAddress(given, rest);
        return of(given, env);
    }

    private static String withoutScheme(String text) {
        if (text.startsWith("jdbc:") || text.startsWith("r2dbc:")) {
            throw new IllegalArgumentException(
                    "is a Java URL: leave out \"" + text.substring(0, text.indexOf(':') + 1) + "\"");
        }
        int scheme = text.indexOf("://");
        if (scheme < 0 || !text.substring(0, scheme).matches("postgres(ql)?")) {
            throw new IllegalArgumentException("must look like postgresql://user:password@host:port/db");
        }
        return text.substring(scheme + 3);
    }

    private static void putAddress(Map<String, String> given, String address) {
        if (address.indexOf(',') >= 0) {
            throw new IllegalArgumentException("names several hosts: give the primary's, or a name that follows it");
        }
        boolean isBracketed = address.startsWith("[");
        int colon = isBracketed ? address.indexOf(':', address.indexOf(']')) : address.indexOf(':');
        String host = colon < 0 ? address : address.substring(0, colon);
        if (colon >= 0) {
            putIfAny(given, "port", address.substring(colon + 1));
        }
        putIfAny(given, "host", decode(isBracketed ? host.substring(1, host.length() - 1) : host));
    }

    private static void putParameters(Map<String, String> given, String query) {
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                given.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            } else if (!pair.isEmpty()) {
                throw new IllegalArgumentException("has a parameter without a value" + NOT_ENCODED);
            }
        }
    }

    private static void putLogin(Map<String, String> given, String login) {
        int colon = login.indexOf(':');
        putIfAny(given, "user", decode(colon < 0 ? login : login.substring(0, colon)));
        if (colon >= 0) {
            putIfAny(given, "password", decode(login.substring(colon + 1)));
        }
    }

    /**
     * Takes everything from libpq's environment variables and defaults.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    public static DatabaseUrl fromEnvironment(Map<String, String> env) {
        return of(new LinkedHashMap<>(), env);
    }

    private static DatabaseUrl of(Map<String, String> given, Map<String, String> env) {
        String host = take(given, "host", env, "PGHOST", "localhost");
        String port = take(given, "port", env, "PGPORT", "5432");
        String user = take(given, "user", env, "PGUSER", System.getProperty("user.name", "postgres"));
        String password = take(given, "password", env, "PGPASSWORD", "");
        String database = take(given, "dbname", env, "PGDATABASE", user);
        String sslMode = take(given, "sslmode", env, "PGSSLMODE", "prefer");
        String sslRootCert = take(given, "sslrootcert", env, "PGSSLROOTCERT", "");
        given.remove("application_name");
        if (!given.isEmpty()) {
            throw new IllegalArgumentException("has parameters that pgnetty does not know: "
                    + String.join(", ", given.keySet()) + " (it knows sslmode and sslrootcert)");
        }
        return new DatabaseUrl(
                host,
                port(port),
                user,
                password.isEmpty() ? null : password,
                database,
                SslMode.parse(sslMode),
                sslRootCert.isEmpty() ? null : sslRootCert,
                null);
    }

    /** Another database of the same server. */
    public DatabaseUrl withDatabase(String name) {
        return new DatabaseUrl(host, port, user, password, name, sslMode, sslRootCert, source);
    }

    /** Where the part with user, password, host and port ends. */
    private static int authorityEnd(String rest) {
        int end = rest.length();
        for (char delimiter : new char[] {'/', '?', '#'}) {
            int at = rest.indexOf(delimiter);
            end = at >= 0 ? Math.min(end, at) : end;
        }
        return end;
    }

    private static void putIfAny(Map<String, String> map, String key, String value) {
        if (!value.isEmpty()) {
            map.put(key, value);
        }
    }

    private static int port(String text) {
        try {
            return HostPort.parsePort(text, 1);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("does not have a valid port" + NOT_ENCODED);
        }
    }

    private static String take(
            Map<String, String> given, String key, Map<String, String> env, String variable, String otherwise) {
        String value = given.remove(key);
        if (value == null) {
            value = env.get(variable);
        }
        return value == null || value.isEmpty() ? otherwise : value;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // Its own message would quote the text, which may be the password.
            throw new IllegalArgumentException(
                    "has a % that no two hexadecimal digits follow: write %25 for the sign itself");
        }
    }

    /** The same database as another role. */
    public DatabaseUrl withLogin(String otherUser, @Nullable String otherPassword) {
        return new DatabaseUrl(host, port, otherUser, otherPassword, database, sslMode, sslRootCert, null);
    }

    /** The same, to be read again with each login. */
    public DatabaseUrl from(Supplier<DatabaseUrl> newSource) {
        return new DatabaseUrl(host, port, user, password, database, sslMode, sslRootCert, newSource);
    }

    /** As it is now. Reads a file, and errors with an {@link IllegalArgumentException} where that cannot be. */
    public DatabaseUrl latest() {
        return source == null ? this : source.get();
    }

    /** Whether {@code host} is a folder with a Unix socket. */
    public boolean isUnixSocket() {
        return host.startsWith("/");
    }

    /** Host, port and database, for messages. */
    public String place() {
        return (isUnixSocket() ? host + "/.s.PGSQL." + port : new HostPort(host, port).toString()) + "/" + database;
    }

    @Override
    public String toString() {
        return "postgresql://" + user + "@" + place();
    }
}
