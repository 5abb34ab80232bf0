package io.pgnetty.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks the files with certificates and keys that a URL names. */
final class TlsFiles {

    /** The formats that the TLS library reads. */
    private static final Pattern PEM_KEY = Pattern.compile("-----BEGIN (ENCRYPTED )?PRIVATE KEY-----");

    private TlsFiles() {}

    /** All that is wrong with the files of a connection. */
    static List<String> problems(String cert, String key, String rootCert) {
        return Stream.of(problem("sslcert", cert), keyProblem(key), problem("sslrootcert", rootCert))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Why a file cannot be read; empty where it can, or none is given. */
    private static Optional<String> problem(String name, String path) {
        return path.isEmpty() || Files.isReadable(Path.of(path))
                ? Optional.empty()
                : Optional.of("has " + name + " with a file that cannot be read: " + path);
    }

    /** Why a file has no key in a format that the TLS library reads; empty where it has, or none is given. */
    private static Optional<String> keyProblem(String path) {
        Optional<String> unreadable = problem("sslkey", path);
        if (unreadable.isPresent() || path.isEmpty()) {
            return unreadable;
        }
        try {
            return PEM_KEY.matcher(Files.readString(Path.of(path))).find()
                    ? Optional.empty()
                    : Optional.of("has sslkey with a file that is no key in PKCS #8: openssl pkcs8 -topk8 -nocrypt -in "
                            + path + " -out new.key");
        } catch (NoSuchFileException e) {
            return Optional.of("has sslkey with a file that cannot be read: " + path);
        } catch (IOException e) {
            // Not even text.
            return Optional.of(
                    "has sslkey with a file that is no key in PEM: openssl pkcs8 -topk8 -nocrypt -inform DER -in "
                            + path + " -out new.key");
        }
    }
}
