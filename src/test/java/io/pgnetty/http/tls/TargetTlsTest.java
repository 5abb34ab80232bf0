package io.pgnetty.http.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.FixedResolver;
import io.pgnetty.testing.RawTarget;
import io.pgnetty.testing.TlsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;

/** TLS servers that curl and the JDK's own client reach. */
class TargetTlsTest {

    @TempDir
    Path folder;

    private static TlsServer rsa;
    private static TlsServer ec;
    private RawTarget target;
    private RawTarget behind;

    @BeforeAll
    static void certificates() {
        TargetTls.allowOldServers();
        rsa = TlsServer.of("RSA", "ip:127.0.0.1,dns:*.wild.example,dns:plain.example");
        ec = TlsServer.of("EC", "ip:127.0.0.1,dns:*.wild.example");
    }

    @AfterEach
    void end() throws IOException {
        if (target != null) {
            target.close();
        }
        if (behind != null) {
            behind.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
                "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
                "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
                "TLS_RSA_WITH_AES_128_GCM_SHA256",
                "TLS_RSA_WITH_AES_256_CBC_SHA"
            })
    void aServerWithOneCipherSuiteIsReached(String suite) {
        TlsServer server = suite.contains("ECDSA") ? ec : rsa;
        target = new RawTarget(server.sockets(suite), TargetTlsTest::answer);
        assertThat(get(server, "127.0.0.1", target.port())).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_RSA_WITH_NULL_SHA256", "SSL_RSA_WITH_3DES_EDE_CBC_SHA"})
    void aServerThatHasBrokenOnesOnlyIsNot(String suite) {
        target = new RawTarget(rsa.sockets(suite), TargetTlsTest::answer);
        assertThatThrownBy(() -> get(rsa, "127.0.0.1", target.port())).hasRootCauseInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain.example", "host.wild.example"})
    void aNameOfTheCertificateIsAccepted(String host) {
        target = new RawTarget(rsa.sockets(), TargetTlsTest::answer);
        assertThat(get(rsa, host, target.port())).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"other.example", "x.host.wild.example", "wild.example"})
    void anotherNameIsNot(String host) {
        target = new RawTarget(rsa.sockets(), TargetTlsTest::answer);
        assertThatThrownBy(() -> get(rsa, host, target.port())).hasMessageContaining("No subject alternative");
    }

    /** The JDK's server would refuse it as well: so its side is looked at here. */
    @Test
    void aNameWithAnUnderscoreIsSent() throws Exception {
        CompletableFuture<String> hello = new CompletableFuture<>();
        target = new RawTarget((number, socket) ->
                hello.complete(new String(socket.getInputStream().readNBytes(400), StandardCharsets.ISO_8859_1)));
        assertThatThrownBy(() -> get(rsa, "my_host.wild.example", target.port()))
                .isNotNull();
        assertThat(hello.get(5, TimeUnit.SECONDS)).contains("my_host.wild.example");
    }

    /** A server that takes such names: OpenSSL's own, where it is on the machine. */
    @Test
    void aNameWithAnUnderscoreIsChecked() throws Exception {
        Path pem = Files.writeString(folder.resolve("server.pem"), rsa.pem());
        int port = freePort();
        Process server;
        try {
            server = new ProcessBuilder(
                            "openssl",
                            "s_server",
                            "-accept",
                            "127.0.0.1:" + port,
                            "-cert",
                            pem.toString(),
                            "-www",
                            "-quiet")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
        } catch (IOException e) {
            Assumptions.abort("no openssl on this machine");
            return;
        }
        try {
            Awaitility.await().ignoreExceptions().untilAsserted(() -> new Socket("127.0.0.1", port).close());
            assertThat(get(rsa, "my_host.wild.example", port)).isEqualTo(200);
            assertThat(get(rsa, "MY_host.Wild.example", port)).isEqualTo(200);
            for (String host : List.of("my_host.other.example", "x.my_host.wild.example", "plain_.example")) {
                assertThatThrownBy(() -> get(rsa, host, port)).as(host).hasMessageContaining("No subject alternative");
            }
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Test
    void wildcardsStandForOneLabel() {
        assertThat(NamedTrust.matches("*.b.c", "a_.b.c")).isTrue();
        assertThat(NamedTrust.matches("*.c", "a_.c")).isFalse();
        assertThat(NamedTrust.matches("*.b.c", "a_.x.b.c")).isFalse();
        assertThat(NamedTrust.matches("*.*.c", "a_.b.c")).isFalse();
        assertThat(NamedTrust.matches("a*.b.c", "a_.b.c")).isFalse();
        assertThat(NamedTrust.matches("*.b.c", ".b.c")).isFalse();
    }

    /** A server that does not know the name says so, and goes on. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void aWarningBeforeTheHandshakeChangesNothing(int piece) {
        behind = new RawTarget(rsa.sockets(), TargetTlsTest::answer);
        target = new RawTarget((number, socket) -> {
            byte[] warning = {21, 3, 3, 0, 2, 1, 112};
            for (int at = 0; at < warning.length; at += piece) {
                socket.getOutputStream().write(warning, at, piece);
                socket.getOutputStream().flush();
                Thread.sleep(20);
            }
            try (Socket other = new Socket(InetAddress.getLoopbackAddress(), behind.port())) {
                Thread back = new Thread(() -> copy(other, socket));
                back.start();
                copy(socket, other);
            }
        });
        assertThat(get(rsa, "127.0.0.1", target.port())).isEqualTo(200);
    }

    private static void answer(int number, Socket socket) throws IOException {
        RawTarget.head(socket);
        RawTarget.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }

    private static void copy(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
            to.shutdownOutput();
        } catch (IOException e) {
            // The exchange is over.
        }
    }

    private static int get(TlsServer server, String host, int port) {
        HttpClient client = HttpClient.newConnection()
                .protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                .disableRetry(true)
                .doOnChannelInit(
                        (observer, channel, remote) -> channel.pipeline().addFirst(new UnrecognizedName()))
                .resolver(new FixedResolver(List.of(InetAddress.getLoopbackAddress())));
        return TargetTls.trusting(server.store())
                .usedBy(client)
                .get()
                .uri("https://" + host + ":" + port + "/")
                .responseSingle(
                        (response, body) -> body.thenReturn(response.status().code()))
                .block(Duration.ofSeconds(10));
    }
}
