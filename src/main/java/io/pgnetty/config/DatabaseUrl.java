package io.pgnetty.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where PostgreSQL is and who we are there, as a libpq connection URI says it (PostgreSQL documentation, section 34.1.1.2).
 * Its text form has no password.
 *
 * @param servers at least one; with several, the one that is the primary is looked for
 * @param user role to log in as
 * @param password null where the server asks for none, or a password file has it
 * @param database name of the database
 * @param tls encryption
 * @param session how a connection is made and kept
 * @param source reads it again, where it comes from a file that is replaced when its password is; or null
 */
public record DatabaseUrl(
        List<DatabaseServer> servers,
        String user,
        @Nullable String password,
        String database,
        DatabaseTls tls,
        DatabaseSession session,
        @Nullable Supplier<DatabaseUrl> source) {

    /**
     * Parses {@code postgresql://user:password@host:port/db?sslmode=verify-full&sslrootcert=…}; what it does not say is
     * taken from libpq's environment variables.
     *
     * @throws IllegalArgumentException with a text for the operator, without the password
     */
    public static DatabaseUrl parse(String text, Map<String, String> env) {
        return of(new ConnectionParameters(ConnectionUri.parameters(text), env));
    }

    /**
     * Takes everything from libpq's environment variables and defaults.
     *
     * @throws IllegalArgumentException with a text for the operator
     */
    public static DatabaseUrl fromEnvironment(Map<String, String> env) {
        return of(new ConnectionParameters(Map.of(), env));
    }

    private static DatabaseUrl of(ConnectionParameters given) {
        List<DatabaseServer> servers = given.servers();
        String user = given.user();
        String password = given.password();
        String database = given.database(user);
        DatabaseTls tls = given.tls();
        DatabaseSession session = given.session(servers.size());
        given.check();
        return new DatabaseUrl(servers, user, password, database, tls, session, null);
    }

    /** Another database of the same server. */
    public DatabaseUrl withDatabase(String name) {
        Supplier<DatabaseUrl> again = source;
        return new DatabaseUrl(
                servers,
                user,
                password,
                name,
                tls,
                session,
                again == null ? null : () -> again.get().withDatabase(name));
    }

    /** The same database as another role. */
    public DatabaseUrl withLogin(String otherUser, @Nullable String otherPassword) {
        return new DatabaseUrl(servers, otherUser, otherPassword, database, tls, session, null);
    }

    /** The same, where a standby will do if there is no primary. */
    public DatabaseUrl orStandby() {
        Supplier<DatabaseUrl> again = source;
        return new DatabaseUrl(
                servers,
                user,
                password,
                database,
                tls,
                session.orStandby(),
                again == null ? null : () -> again.get().orStandby());
    }

    /** The same, to be read again with each login. */
    public DatabaseUrl from(Supplier<DatabaseUrl> newSource) {
        return new DatabaseUrl(servers, user, password, database, tls, session, newSource);
    }

    /** As it is now. Reads a file, and errors with an {@link IllegalArgumentException} where that cannot be. */
    public DatabaseUrl latest() {
        return source == null ? this : source.get();
    }

    /** The password for a server of it: its own, or that of the password file. Reads that file. */
    public Optional<String> passwordFor(DatabaseServer server) {
        PasswordFile file = session.passFile();
        return password != null || file == null ? Optional.ofNullable(password) : file.password(server, database, user);
    }

    /** Why the password file has none for a server of it; empty where it has, or a password is given, or there is no such file. */
    public Optional<String> whyNoPassword(DatabaseServer server) {
        PasswordFile file = session.passFile();
        return password != null || file == null ? Optional.empty() : file.whyNone(server, database, user);
    }

    /** Hosts, ports and database, for messages. */
    public String place() {
        return servers.stream().map(DatabaseServer::toString).collect(Collectors.joining(",")) + "/" + database;
    }

    @Override
    public String toString() {
        return "postgresql://" + user + "@" + place();
    }
}
