package io.pgnetty.image;

import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * Runs the bridge once in the image's own Java runtime while the image is built, so that the classes which it loads, and how they are linked,
 * are in a cache: the image starts faster. Does what a bridge does: starts, sends, is scraped and looked at, stops.
 */
public final class AotTraining {

    private static final int REQUESTS = 200;

    private AotTraining() {}

    /** @param args the Java runtime, the jar, and the cache to be made */
    public static void main(String[] args) throws Exception {
        Path cache = Path.of(args[2]);
        TestDatabase database = TestPostgres.shared().installed();
        int admin = freePort();
        // As much memory as in a container of 256 MiB.
        Process bridge = new ProcessBuilder(List.of(
                        args[0],
                        "-Xmx96m",
                        // As Java chooses in so little memory.
                        "-XX:+UseSerialGC",
                        // Without how often methods ran: the compiler would work through them just while the image
                        // starts.
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:-AOTRecordTraining",
                        "-XX:AOTCacheOutput=" + cache,
                        "-jar",
                        args[1],
                        "run",
                        "--url",
                        database.text(),
                        "--admin",
                        "127.0.0.1:" + admin,
                        "--egress-allow",
                        "127.0.0.0/8",
                        "--log-format",
                        "json"))
                .redirectErrorStream(true)
                .redirectOutput(cache.resolveSibling("training.log").toFile())
                .start();
        try (Target target = new Target()) {
            train(database, target, "http://127.0.0.1:" + admin);
        } finally {
            bridge.destroy();
        }
        if (!bridge.waitFor(3, TimeUnit.MINUTES) || !Files.exists(cache)) {
            bridge.destroyForcibly();
            throw new IllegalStateException("no cache was made; see training.log beside " + cache);
        }
        Files.delete(cache.resolveSibling("training.log"));
        System.exit(0);
    }

    private static void train(TestDatabase database, Target target, String admin) throws Exception {
        Awaitility.await().atMost(Duration.ofMinutes(1)).ignoreExceptions().until(() -> get(admin + "/readyz") == 200);
        database.run("select net.http_post('" + target.url("/trained")
                + "', jsonb_build_object('number', i)) from generate_series(1, " + REQUESTS + ") i");
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() ->
                        database.one("select count(*) from net._http_response").equals(String.valueOf(REQUESTS)));
        for (String path : List.of("/metrics", "/livez", "/", "/api/requests?list=answered")) {
            if (get(admin + path) != 200) {
                throw new IllegalStateException(path + " is not answered");
            }
        }
    }

    private static int get(String url) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
