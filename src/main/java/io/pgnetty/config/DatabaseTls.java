package io.pgnetty.config;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the connection to PostgreSQL is encrypted, and who is believed; libpq's parameters that begin with {@code ssl}. Its files are read again
 * for each connection.
 *
 * @param mode encryption and certificate check
 * @param rootCert file with the certificates to believe, or null for the JVM's
 * @param cert file with our certificate, or null
 * @param key file with its key, PEM in PKCS #8, or null
 * @param keyPassword of that file, or null
 * @param sni whether the server's name is sent in the handshake
 * @param direct whether TLS begins with the first byte (PostgreSQL 17)
 */
public record DatabaseTls(
        SslMode mode,
        @Nullable String rootCert,
        @Nullable String cert,
        @Nullable String key,
        @Nullable String keyPassword,
        boolean sni,
        boolean direct) {

    /** What is wrong with its files now; empty where nothing is. Reads them. */
    public List<String> problems() {
        return mode == SslMode.DISABLE
                ? List.of()
                : TlsFiles.problems(
                        Objects.requireNonNullElse(cert, ""),
                        Objects.requireNonNullElse(key, ""),
                        Objects.requireNonNullElse(rootCert, ""));
    }
}
