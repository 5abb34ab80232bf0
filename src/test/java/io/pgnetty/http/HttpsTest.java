package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContextBuilder;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/** Real certificates, made by the JDK's keytool, checked for real. */
class HttpsTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    Path folder;

    @Test
    void aTrustedCertificateForTheHostIsAccepted() throws Exception {
        KeyStore store = certificate("good", "dns:localhost", "-1d");
        assertThat(send(store, trusting(store), "localhost")).isInstanceOf(Outcome.Responded.class);
    }

    @Test
    void anUntrustedOneIsNot() throws Exception {
        assertRefused(
                send(certificate("self", "dns:localhost", "-1d"), UnaryOperator.identity(), "localhost"),
                "its certificate is not issued by a trusted authority");
    }

    @Test
    void anotherHostsIsNot() throws Exception {
        KeyStore store = certificate("other", "dns:other.example", "-1d");
        assertRefused(send(store, trusting(store), "localhost"), "its certificate is for another host");
    }

    @Test
    void anExpiredOneIsNot() throws Exception {
        KeyStore store = certificate("old", "dns:localhost", "-30d");
        assertRefused(send(store, trusting(store), "localhost"), "its certificate has expired");
    }

    private static void assertRefused(Outcome outcome, String reason) {
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.message()).endsWith(reason);
            assertThat(failed.kind()).isEqualTo(FailureKind.TLS);
        });
    }

    private static Outcome send(KeyStore store, UnaryOperator<HttpClient> tls, String host)
            throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        DisposableServer server = HttpServer.create()
                .host("localhost")
                .port(0)
                .secure(spec -> spec.sslContext(Http11SslContextSpec.forServer(keys)))
                .handle((request, response) -> response.sendString(Mono.just("secret")))
                .bindNow();
        HttpSender sender = Requests.sender("127.0.0.0/8,::1", tls);
        try {
            return Requests.send(sender, Requests.get("https://" + host + ":" + server.port() + "/"));
        } finally {
            server.disposeNow();
            sender.close().block();
        }
    }

    private static UnaryOperator<HttpClient> trusting(KeyStore store) throws GeneralSecurityException {
        X509Certificate certificate = (X509Certificate) store.getCertificate("authority");
        return client -> client.secure(spec -> spec.sslContext(Http11SslContextSpec.forClient()
                .configure((SslContextBuilder builder) -> builder.trustManager(certificate))));
    }

    /** A server's key with a certificate that an authority of the test's own has signed. */
    private KeyStore certificate(String name, String san, String start)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path file = folder.resolve(name + ".p12");
        String request = folder.resolve(name + ".csr").toString();
        String signed = folder.resolve(name + ".pem").toString();
        keytool(
                file,
                "-genkeypair",
                "-alias",
                "authority",
                "-keyalg",
                "EC",
                "-dname",
                "CN=Authority",
                "-ext",
                "bc:c",
                "-startdate",
                "-60d",
                "-validity",
                "100");
        keytool(file, "-genkeypair", "-alias", "test", "-keyalg", "EC", "-dname", "CN=" + name);
        keytool(file, "-certreq", "-alias", "test", "-file", request);
        keytool(
                file,
                "-gencert",
                "-alias",
                "authority",
                "-infile",
                request,
                "-outfile",
                signed,
                "-ext",
                "san=" + san,
                "-startdate",
                start,
                "-validity",
                "20");
        keytool(file, "-importcert", "-alias", "test", "-file", signed, "-noprompt");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    private static void keytool(Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", "changeit", "-keystore", store.toString()));
        int code = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        assertThat(code).as(String.join(" ", command)).isZero();
    }
}
