package io.pgnetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What strangers may cost the server of the probes. */
class AdminServerTest {

    private final TestDatabase database = TestPostgres.shared().installed();
    private final TestBridge bridge = TestBridge.start(database);

    @AfterEach
    void end() {
        bridge.close();
    }

    /** Those of ours, both ways. */
    @Test
    void theDocsHaveTheMetrics() throws IOException, InterruptedException {
        try (Target failing = new Target().respond("/", 500, Map.of(), new byte[0])) {
            database.run("select net.http_get('" + failing.url("/") + "')");
            awaitAnswer();
        }
        Set<String> docs = names("`(pgnetty_[a-z_]+)", Files.readString(Path.of("docs/metrics.md")));
        Set<String> served = names("# TYPE (pgnetty_[a-z_]+)", metrics());
        // Beside the histogram's own.
        served.removeIf(name -> name.endsWith("_max"));
        assertThat(docs).containsExactlyInAnyOrderElementsOf(served);
    }

    private void awaitAnswer() {
        Awaitility.await()
                .until(() ->
                        database.one("select count(*) from net._http_response").equals("1"));
    }

    private String metrics() throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + bridge.adminPort() + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static Set<String> names(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void aHeadThatDoesNotComeEndsItsConnection() throws IOException {
        try (Socket slow = connect()) {
            slow.setSoTimeout(20_000);
            slow.getOutputStream().write("GET /livez HTTP/1.1\r\nHost: ".getBytes(StandardCharsets.US_ASCII));
            long started = System.nanoTime();
            assertThat(slow.getInputStream().read()).isEqualTo(-1);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(15));
        }
    }

    @Test
    void aBodyIsNotTaken() throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write("GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nx"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 413");
        }
    }

    @Test
    void connectionsAreBoundedAndComeBack() throws IOException, InterruptedException {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                idle.add(connect());
            }
            Awaitility.await()
                    .until(() -> idle.stream().filter(AdminServerTest::isClosed).count() >= 72);
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
        Awaitility.await().until(() -> status("/livez") == 200);
    }

    private static boolean isClosed(Socket socket) {
        try {
            socket.setSoTimeout(1);
            InputStream in = socket.getInputStream();
            return in.read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), bridge.adminPort());
    }

    private int status(String path) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + bridge.adminPort() + path))
                                    .timeout(Duration.ofSeconds(2))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
