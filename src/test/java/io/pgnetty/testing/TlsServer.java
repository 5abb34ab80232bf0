package io.pgnetty.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** The JDK's TLS with a certificate of the test's own, for {@link RawTarget}. */
public final class TlsServer {

    private static final char[] PASSWORD = "changeit".toCharArray();

    private final KeyStore store;

    private TlsServer(KeyStore store) {
        this.store = store;
    }

    /** With an RSA key, for 127.0.0.1 and localhost. */
    public static TlsServer selfSigned() {
        return of("RSA", "ip:127.0.0.1,dns:localhost");
    }

    /**
     * With a certificate that it has signed itself.
     *
     * @param names as keytool takes them: {@code dns:*.example.com}
     */
    public static TlsServer of(String algorithm, String names) {
        try {
            Path file = Files.createTempDirectory("tls").resolve("server.p12");
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
            command.addAll(List.of("-genkeypair", "-alias", "server", "-keyalg", algorithm, "-dname", "CN=server"));
            command.addAll(List.of("-ext", "san=" + names, "-keystore", file.toString(), "-storetype", "PKCS12"));
            command.addAll(List.of("-storepass", new String(PASSWORD)));
            Process process = new ProcessBuilder(command).inheritIO().start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool failed");
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, PASSWORD);
            }
            Files.delete(file);
            Files.delete(file.getParent());
            return new TlsServer(store);
        } catch (IOException | InterruptedException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Key and certificate. */
    public KeyStore store() {
        return store;
    }

    public PrivateKey key() {
        try {
            return (PrivateKey) store.getKey("server", PASSWORD);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public X509Certificate certificate() {
        try {
            return (X509Certificate) store.getCertificate("server");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Both as text, as OpenSSL reads them. */
    public String pem() {
        try {
            return block("PRIVATE KEY", key().getEncoded())
                    + block("CERTIFICATE", certificate().getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String block(String name, byte[] bytes) {
        return "-----BEGIN " + name + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + name
                + "-----\n";
    }

    /** Sockets of that; with these cipher suites only, if there are any. */
    public ServerSocketFactory sockets(String... ciphers) {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return new Sockets(context.getServerSocketFactory(), ciphers);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Sockets extends ServerSocketFactory {
        private final ServerSocketFactory sockets;
        private final String[] ciphers;

        Sockets(ServerSocketFactory sockets, String... ciphers) {
            this.sockets = sockets;
            this.ciphers = ciphers;
        }

        @Override
        public ServerSocket createServerSocket(int port) throws IOException {
            return restricted(sockets.createServerSocket(port));
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog) throws IOException {
            return restricted(sockets.createServerSocket(port, backlog));
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog, InetAddress address) throws IOException {
            return restricted(sockets.createServerSocket(port, backlog, address));
        }

        private ServerSocket restricted(ServerSocket socket) {
            if (ciphers.length > 0) {
                ((SSLServerSocket) socket).setEnabledCipherSuites(ciphers);
                ((SSLServerSocket) socket).setEnabledProtocols(new String[] {"TLSv1.2"});
            }
            return socket;
        }
    }
}
