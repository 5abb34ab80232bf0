package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslHandler;
import io.pgnetty.config.Config;
import io.pgnetty.config.TargetTlsFiles;
import io.pgnetty.config.TlsVersion;
import io.pgnetty.observe.Event;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.testing.NameTable;
import io.pgnetty.testing.TlsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.server.HttpServer;

/** Certificates and keys of {@code --tls-ca} and {@code --tls-hosts}, with a server that asks for a certificate and says whose it got. */
class TargetTlsFilesTest {

    private static TlsServer serverKey;
    private static TlsServer first;
    private static TlsServer second;

    @TempDir
    Path folder;

    private final List<DisposableServer> servers = new ArrayList<>();
    private final List<HttpSender> senders = new ArrayList<>();
    private final List<Event> events = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void keys() {
        serverKey = TlsServer.of("EC", "dns:api.example");
        first = TlsServer.of("EC", "dns:client.example");
        second = TlsServer.of("EC", "dns:client.example");
    }

    @AfterEach
    void end() {
        senders.forEach(sender -> sender.close().block());
        servers.forEach(DisposableServer::disposeNow);
    }

    /** Answers with the number of the certificate that it was shown. */
    private int server(ClientAuth auth, String... protocols) {
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .secure(spec -> spec.sslContext(Http11SslContextSpec.forServer(serverKey.key(), serverKey.certificate())
                        .configure(builder -> builder.clientAuth(auth)
                                .protocols(protocols.length == 0 ? new String[] {"TLSv1.3", "TLSv1.2"} : protocols)
                                .trustManager(first.certificate(), second.certificate()))))
                .handle((request, response) -> response.sendString(Mono.fromCallable(() -> {
                    StringBuilder shown = new StringBuilder();
                    request.withConnection(connection ->
                            shown.append(shown(connection.channel().pipeline().get(SslHandler.class))));
                    return shown.toString();
                })))
                .bindNow();
        servers.add(server);
        return server.port();
    }

    private static String shown(SslHandler tls) {
        try {
            return number((X509Certificate) tls.engine().getSession().getPeerCertificates()[0]);
        } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
            return "none";
        }
    }

    private static String number(X509Certificate certificate) {
        return certificate.getSerialNumber().toString();
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static String cert(TlsServer of) {
        return of.pem().replaceFirst("(?s).*-----END PRIVATE KEY-----\n", "");
    }

    private static String key(TlsServer of) {
        return of.pem().replaceFirst("(?s)-----BEGIN CERTIFICATE.*", "");
    }

    private HttpSender sender(@Nullable Path ca, TlsVersion min) throws IOException {
        NameTable names = new NameTable();
        for (String name : List.of("api.example", "other.example", "a.wild.example")) {
            names.put(name, List.of(InetAddress.getLoopbackAddress()));
        }
        HttpSender sender = Requests.sender(
                new Config.Delivery(16, Duration.ofMinutes(1), 1 << 20, 1 << 20, Duration.ZERO),
                new Config.Targets(null, null, new TargetTlsFiles(ca, folder, min)),
                Requests.egress("127.0.0.1", ""),
                events::add,
                client -> client.resolver(names));
        senders.add(sender);
        return sender;
    }

    private static Outcome send(HttpSender sender, String host, int port) {
        return Requests.send(sender, Requests.get("https://" + host + ":" + port + "/"));
    }

    private static String body(HttpSender sender, String host, int port) {
        Outcome outcome = send(sender, host, port);
        assertThat(outcome).isInstanceOf(Outcome.Responded.class);
        return new String(((Outcome.Responded) outcome).body(), StandardCharsets.UTF_8);
    }

    private static void assertNotTrusted(Outcome outcome, String reason) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed)
                                .extracting(Outcome.Failed::kind, Outcome.Failed::message)
                                .satisfies(both -> {
                                    assertThat(both.get(0)).isEqualTo(FailureKind.TLS);
                                    assertThat(String.valueOf(both.get(1))).contains(reason);
                                }));
    }

    @Test
    void aBundleIsBelievedForAllHosts() throws IOException {
        int port = server(ClientAuth.OPTIONAL);
        assertNotTrusted(send(sender(null, TlsVersion.V1_2), "api.example", port), "not issued by a trusted");
        write("bundle/ca.pem", cert(serverKey));
        HttpSender sender = sender(folder.resolve("bundle/ca.pem"), TlsVersion.V1_2);
        assertThat(body(sender, "api.example", port)).isEqualTo("none");
        // Still for its name alone.
        assertNotTrusted(send(sender, "other.example", port), "for another host");
    }

    @Test
    void aHostHasItsOwnCertificateTrustAndName() throws IOException {
        int port = server(ClientAuth.REQUIRE);
        write("api.example/tls.crt", cert(first));
        write("api.example/tls.key", key(first));
        write("api.example/ca.crt", cert(serverKey));
        write("*.wild.example/ca.crt", cert(serverKey));
        write("*.wild.example/tls.crt", cert(second));
        write("*.wild.example/tls.key", key(second));
        write("*.wild.example/server-name", "api.example\n");
        HttpSender sender = sender(null, TlsVersion.V1_2);
        assertThat(body(sender, "api.example", port)).isEqualTo(number(first.certificate()));
        assertThat(body(sender, "a.wild.example", port)).isEqualTo(number(second.certificate()));
        assertNotTrusted(send(sender, "other.example", port), "not issued by a trusted");
    }

    /** A name other than the URL's is the one that the certificate must have. */
    @Test
    void theServerNameIsChecked() throws IOException {
        int port = server(ClientAuth.OPTIONAL);
        write("api.example/ca.crt", cert(serverKey));
        write("api.example/server-name", "b.example");
        assertNotTrusted(send(sender(null, TlsVersion.V1_2), "api.example", port), "for another host");
    }

    @Test
    void theLowestVersionHolds() throws IOException {
        int old = server(ClientAuth.OPTIONAL, "TLSv1.2");
        write("api.example/ca.crt", cert(serverKey));
        write("a.wild.example/ca.crt", cert(serverKey));
        write("a.wild.example/min-version", "1.3");
        write("a.wild.example/server-name", "api.example");
        HttpSender lower = sender(null, TlsVersion.V1_2);
        assertThat(body(lower, "api.example", old)).isEqualTo("none");
        assertThat(send(lower, "a.wild.example", old)).isInstanceOf(Outcome.Failed.class);
        assertThat(send(sender(null, TlsVersion.V1_3), "api.example", old)).isInstanceOf(Outcome.Failed.class);
    }

    /** New requests have the new one within seconds; while it is half there, the old one. */
    @Test
    void filesThatChangeHoldWithoutARestart() throws IOException {
        int port = server(ClientAuth.REQUIRE);
        write("api.example/tls.crt", cert(first));
        write("api.example/tls.key", key(first));
        write("api.example/ca.crt", cert(serverKey));
        HttpSender sender = sender(null, TlsVersion.V1_2);
        assertThat(body(sender, "api.example", port)).isEqualTo(number(first.certificate()));
        write("api.example/tls.key", key(second));
        Awaitility.await()
                .until(() -> events.stream()
                        .anyMatch(event -> event instanceof Event.ChoreFailed failed
                                && failed.toString().contains("api.example")));
        assertThat(body(sender, "api.example", port)).isEqualTo(number(first.certificate()));
        write("api.example/tls.crt", cert(second));
        Awaitility.await().until(() -> body(sender, "api.example", port).equals(number(second.certificate())));
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() throws IOException {
        write("a b/ca.crt", "nothing");
        write("api.example/tls.crt", cert(first));
        write("other.example/tls.crt", cert(first));
        write("other.example/tls.key", "-----BEGIN RSA PRIVATE KEY-----\n");
        write("other.example/min-version", "1.1");
        assertThatThrownBy(() -> new TargetTlsFiles(null, folder, TlsVersion.V1_2).read())
                .hasMessageContaining("a b must be called as a host is")
                .hasMessageContaining("ca.crt has no certificate in PEM")
                .hasMessageContaining("api.example needs both tls.crt and tls.key")
                .hasMessageContaining("openssl pkcs8 -topk8")
                .hasMessageContaining("min-version must be 1.2 or 1.3, not \"1.1\"");
    }
}
