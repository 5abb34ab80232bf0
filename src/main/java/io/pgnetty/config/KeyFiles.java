package io.pgnetty.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A certificate with its key, in files that may be replaced.
 *
 * @param cert PEM, with those between it and its root
 * @param key PEM in PKCS #8, without a password
 */
public record KeyFiles(Path cert, Path key) {

    /** What is wrong with the files now. Reads them. */
    public List<String> problems() {
        List<String> problems = TlsFiles.problems(cert.toString(), key.toString(), "");
        try {
            return problems.isEmpty() && !KeyMatch.isKeyOf(read(cert), read(key))
                    ? List.of("has sslkey with a file that is not the key of the certificate: " + key)
                    : problems;
        } catch (IOException e) {
            return List.of("has sslkey with a file that cannot be read: " + key);
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }
}
