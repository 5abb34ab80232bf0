package io.pgnetty.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * libpq's password file: lines of {@code host:port:database:user:password}, where {@code *} stands for any, and a backslash
 * before a colon or a backslash (PostgreSQL documentation, section 34.16).
 *
 * @param path of the file
 */
public record PasswordFile(Path path) {

    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    /** Host, port, database, user, password. */
    private static final int FIELDS = 5;

    /** Why libpq would not read it, with what to do; empty where it would. */
    Optional<String> problem() {
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            return Optional.of("a password file that cannot be read: " + path);
        }
        try {
            return Files.getPosixFilePermissions(path).stream().anyMatch(OTHERS::contains)
                    ? Optional.of("a password file that others than its owner may use: chmod 600 " + path)
                    : Optional.empty();
        } catch (IOException | UnsupportedOperationException e) {
            // A file system without such permissions.
            return Optional.empty();
        }
    }

    /** Why there is no password for a server; empty where there is one, or no such file at all. */
    Optional<String> whyNone(DatabaseServer server, String database, String user) {
        if (!Files.exists(path) || password(server, database, user).isPresent()) {
            return Optional.empty();
        }
        return problem()
                .or(() -> Optional.of("a password file without a line for " + server.host() + ":" + server.port() + ":"
                        + database + ":" + user + ": " + path));
    }

    /** The first password that fits, as the file is now; empty where there is none, or no file that may be read. */
    public Optional<String> password(DatabaseServer server, String database, String user) {
        List<String> asked = List.of(server.host(), String.valueOf(server.port()), database, user);
        try {
            return problem().isPresent()
                    ? Optional.empty()
                    : Files.readAllLines(path, StandardCharsets.UTF_8).stream()
                            .filter(line -> !line.startsWith("#"))
                            .map(PasswordFile::fields)
                            .filter(fields -> fields.size() == FIELDS && fits(fields, asked))
                            .map(fields -> fields.get(asked.size()))
                            .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean fits(List<String> fields, List<String> asked) {
        for (int i = 0; i < asked.size(); i++) {
            boolean isSocket =
                    i == 0 && asked.get(i).startsWith("/") && fields.get(i).equals("localhost");
            if (!fields.get(i).equals("*") && !fields.get(i).equals(asked.get(i)) && !isSocket) {
                return false;
            }
        }
        return true;
    }

    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && i + 1 < line.length()) {
                i++;
                field.append(line.charAt(i));
            } else if (c == ':' && fields.size() < FIELDS - 1) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
