package io.pgnetty.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the files with certificates and keys that a URL names; errors with an {@link IllegalArgumentException} for the operator. */
final class TlsFiles {

    /** The formats that the TLS library reads. */
    private static final Pattern PEM_KEY = Pattern.compile("-----BEGIN (ENCRYPTED )?PRIVATE KEY-----");

    private TlsFiles() {}

    /** A file that can be read, or null where none is given. */
    static @Nullable String readable(String name, String path) {
        if (!path.isEmpty() && !Files.isReadable(Path.of(path))) {
            throw new IllegalArgumentException("has " + name + ": cannot read " + path);
        }
        return path.isEmpty() ? null : path;
    }

    /** A file with a key in a format that the TLS library reads, or null where none is given. */
    static @Nullable String key(String path) {
        try {
            if (readable("sslkey", path) != null
                    && !PEM_KEY.matcher(Files.readString(Path.of(path))).find()) {
                throw new IllegalArgumentException("has sslkey: " + path
                        + " is no key in PKCS #8: openssl pkcs8 -topk8 -nocrypt -in " + path + " -out new.key");
            }
        } catch (IOException e) {
            // Not even text.
            throw new IllegalArgumentException("has sslkey: " + path
                    + " is no key in PEM: openssl pkcs8 -topk8 -nocrypt -inform DER -in " + path + " -out new.key");
        }
        return path.isEmpty() ? null : path;
    }
}
