package io.pgnetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import io.pgnetty.testing.TlsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask the admin port. */
class AdminAccessTest {

    private static final String TOKEN = "0123456789abcdef-token";

    @TempDir
    Path folder;

    private final TestDatabase database = TestPostgres.shared().installed();

    private TestBridge guarded() throws IOException {
        Path file = folder.resolve("token");
        Files.writeString(file, TOKEN + "\n");
        return TestBridge.start(
                database,
                Map.of(Setting.ADMIN_TOKEN_FILE, file.toString(), Setting.ADMIN_HOST, "bridge.example,10.1.2.3"));
    }

    private static String ask(TestBridge bridge, String path, String... headers) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), bridge.adminPort())) {
            return ask(socket, "GET " + path, headers);
        }
    }

    private static String ask(Socket socket, String line, String... headers) throws IOException {
        String head = line + " HTTP/1.1\r\nConnection: close\r\n"
                + String.join(
                        "",
                        java.util.Arrays.stream(headers)
                                .map(header -> header + "\r\n")
                                .toList()) + "\r\n";
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "/metrics, Bearer 0123456789abcdef-token, 200",
        "/api/access, Bearer 0123456789abcdef-token, 200",
        "/api/access, '', 401",
        "/metrics, '', 401",
        "/metrics/, '', 401",
        "/nowhere, '', 401",
        "/metrics, Bearer 0123456789abcdef-tokeN, 401",
        "/metrics, Bearer 0123456789abcdef-token2, 401",
        "/metrics, Bearer, 401",
        "/metrics, 0123456789abcdef-token, 401",
        "/metrics, Basic 0123456789abcdef-token, 401",
        "/livez, '', 200",
        "/readyz, '', 200",
        "/livez/../metrics, '', 401",
        "//livez, '', 401",
    })
    void allButProbesNeedTheToken(String path, String authorization, int status) throws IOException {
        try (TestBridge bridge = guarded()) {
            assertThat(ask(bridge, path, "Host: localhost", "Authorization: " + authorization))
                    .startsWith("HTTP/1.1 " + status + " ")
                    .contains(status == 401 ? "www-authenticate: Bearer" : "cache-control: no-store");
        }
    }

    /** Whatever the method: nothing changes without the token. */
    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"})
    void noMethodGoesBeforeTheToken(String method) throws IOException {
        try (TestBridge bridge = guarded();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), bridge.adminPort())) {
            assertThat(ask(socket, method + " /api/requests", "Host: localhost"))
                    .startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void aTokenThatIsReplacedHoldsAtOnce() throws IOException {
        try (TestBridge bridge = guarded()) {
            Files.writeString(folder.resolve("token"), "another-token-of-length");
            assertThat(ask(bridge, "/metrics", "Host: localhost", "Authorization: Bearer " + TOKEN))
                    .startsWith("HTTP/1.1 401 ");
            assertThat(ask(bridge, "/metrics", "Host: localhost", "Authorization: Bearer another-token-of-length"))
                    .startsWith("HTTP/1.1 200 ");
            // One that is gone lets nobody in.
            Files.delete(folder.resolve("token"));
            assertThat(ask(bridge, "/metrics", "Host: localhost", "Authorization: Bearer "))
                    .startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void wrongTokensAreAnsweredLateAndCounted() throws IOException {
        try (TestBridge bridge = guarded()) {
            long started = System.nanoTime();
            for (int i = 0; i < 4; i++) {
                ask(bridge, "/metrics", "Host: localhost", "Authorization: Bearer wrong" + i);
            }
            // 250, 500, 1000, 2000 ms.
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isGreaterThan(Duration.ofMillis(3700));
            long right = System.nanoTime();
            assertThat(ask(bridge, "/metrics", "Host: localhost", "Authorization: Bearer " + TOKEN))
                    .contains("pgnetty_admin_denied_total 4.0");
            // Who has the right one does not wait for others.
            assertThat(Duration.ofNanos(System.nanoTime() - right)).isLessThan(Duration.ofSeconds(2));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "localhost:9464, 200",
        "127.0.0.1, 200",
        "[::1]:1, 200",
        "bridge.example, 200",
        "BRIDGE.example:8080, 200",
        "10.1.2.3, 200",
        "evil.example, 403",
        "bridge.example.evil.example, 403",
        "10.1.2.4, 403",
        "'', 403",
    })
    void theHostMustBeExpected(String host, int status) throws IOException {
        try (TestBridge bridge = guarded()) {
            assertThat(ask(bridge, "/livez", "Host: " + host)).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "cross-site, cors, 403",
        "cross-site, no-cors, 403",
        "same-site, cors, 403",
        "cross-site, navigate, 200",
        "same-origin, cors, 200",
        "none, navigate, 200",
    })
    void pagesOfOtherSitesAskNothing(String site, String mode, int status) throws IOException {
        try (TestBridge bridge = TestBridge.start(database)) {
            for (String path : new String[] {"/api/requests?list=dead", "/metrics"}) {
                assertThat(ask(bridge, path, "Host: localhost", "Sec-Fetch-Site: " + site, "Sec-Fetch-Mode: " + mode))
                        .startsWith("HTTP/1.1 " + status + " ");
            }
        }
    }

    @Test
    void aQueryThatCannotBeReadIsSaid() throws IOException {
        try (TestBridge bridge = TestBridge.start(database)) {
            assertThat(ask(bridge, "/api/requests?list=%zz", "Host: localhost"))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("percent-encoded");
        }
    }

    @Test
    void browsersRunAndFrameNothing() throws IOException {
        try (TestBridge bridge = TestBridge.start(database)) {
            for (String path : new String[] {"/", "/metrics", "/nowhere"}) {
                assertThat(ask(bridge, path, "Host: localhost"))
                        .contains(
                                "Content-Security-Policy: default-src 'none';",
                                "frame-ancestors 'none'",
                                "X-Content-Type-Options: nosniff",
                                "X-Frame-Options: DENY",
                                "Referrer-Policy: no-referrer",
                                "Cross-Origin-Resource-Policy: same-origin");
            }
        }
    }

    /** Each new connection sees the certificate that is there then. */
    @Test
    void overTlsWithACertificateThatIsReplaced() throws Exception {
        TlsServer first = TlsServer.selfSigned();
        TlsServer second = TlsServer.selfSigned();
        write(first);
        Map<Setting, String> settings = Map.of(
                Setting.ADMIN_TLS_CERT, folder.resolve("crt").toString(),
                Setting.ADMIN_TLS_KEY, folder.resolve("key").toString());
        try (TestBridge bridge = TestBridge.start(database, settings)) {
            assertThat(certificate(bridge, first)).isEqualTo(first.certificate());
            try (SSLSocket socket = connect(bridge, first)) {
                assertThat(ask(socket, "GET /livez", "Host: localhost"))
                        .startsWith("HTTP/1.1 200 ")
                        .contains("Strict-Transport-Security");
            }
            write(second);
            Awaitility.await()
                    .ignoreExceptions()
                    .until(() -> certificate(bridge, second).equals(second.certificate()));
            assertThat(ask(bridge, "/livez", "Host: localhost")).doesNotContain("200 OK");
        }
    }

    private void write(TlsServer server) throws IOException {
        String[] parts = server.pem().split("(?=-----BEGIN CERTIFICATE)", -1);
        Files.writeString(folder.resolve("key"), parts[0]);
        Files.writeString(folder.resolve("crt"), parts[1]);
    }

    private static X509Certificate certificate(TestBridge bridge, TlsServer trusted)
            throws GeneralSecurityException, IOException {
        try (SSLSocket socket = connect(bridge, trusted)) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static SSLSocket connect(TestBridge bridge, TlsServer trusted)
            throws GeneralSecurityException, IOException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted.store());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), new SecureRandom());
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", bridge.adminPort());
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }
}
