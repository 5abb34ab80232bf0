package io.pgnetty.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnetty.testing.Promtool;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The image as a node runs it: its own root file system, read-only, its user, 256 MiB. Needs the image ({@code -Pimage}) and root. */
class ImageIT {

    private static final long MEMORY = 256L << 20;
    private static final int SECONDS = Integer.getInteger("pgnetty.image.seconds", 60);
    private static final int PER_SECOND = 1000;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    static Path folder;

    private static JsonNode config;

    private final TestDatabase database = TestPostgres.shared().installed();
    private final int admin = freePort();

    @BeforeAll
    static void unpack() throws IOException, InterruptedException {
        assumeTrue(
                ImageContainer.isPossible(),
                "no image, or no right to run it: -Pimage, as root, with unshare and cgroup v1");
        config = ImageContainer.unpack(folder);
    }

    @Test
    void itSaysWhatItIsAndRunsAsNobody() throws IOException {
        assertThat(config.get("User").asString()).isEqualTo("65532:65532");
        assertThat(config.get("Labels").get("org.opencontainers.image.title").asString())
                .isEqualTo("pgnetty");
        assertThat(config.get("Labels").get("org.opencontainers.image.licenses").asString())
                .isNotBlank();
        assertThat(Files.readString(folder.resolve("root/app/pgnetty.cdx.json")))
                .contains("CycloneDX")
                .contains("reactor-netty");
        try (Stream<Path> files = Files.walk(folder.resolve("root"))) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                int mode = (Integer) Files.getAttribute(file, "unix:mode");
                assertThat(mode & 06002)
                        .as("%s is setuid, setgid or writable by all", file)
                        .isZero();
            }
        }
    }

    /** The JVM would not start with a cache that it cannot use. The times are for whoever reads them. */
    @Test
    void itStartsFromItsCache() throws Exception {
        startMillis(List.of("-XX:AOTMode=on"));
        long[] with =
                LongStream.range(0, 5).map(i -> startMillis(List.of())).sorted().toArray();
        long[] without = LongStream.range(0, 3)
                .map(i -> startMillis(List.of("-XX:AOTMode=off")))
                .sorted()
                .toArray();
        System.out.println("start to ready in ms: with the cache " + Arrays.toString(with) + ", without "
                + Arrays.toString(without));
        assertThat(with[2])
                .as("half the time, and something for a noisy machine")
                .isLessThan(without[1] * 2 / 3);
    }

    private long startMillis(List<String> jvm) {
        long start = System.nanoTime();
        try (ImageContainer container = ImageContainer.start(folder, config, MEMORY, jvm, run())) {
            awaitReady(container);
            long took = Duration.ofNanos(System.nanoTime() - start).toMillis();
            container.stop(30);
            return took;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each request has a body of its own, which its response must be. */
    @Test
    void aThousandRequestsASecondForAMinuteFitInto256MiB() throws Exception {
        try (Target target = new Target().quiet();
                ImageContainer container = ImageContainer.start(folder, config, MEMORY, List.of(), run())) {
            target.on("/echo", (request, out, socket) -> {
                out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + request.body().length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(request.body());
                out.flush();
                return true;
            });
            awaitReady(container);
            long start = System.nanoTime();
            long most = 0;
            for (int second = 0; second < SECONDS; second++) {
                database.run("select count(net.http_request('POST', '" + target.url("/echo")
                        + "', body_text := 'number ' || i || repeat(' x', i % 500)))" + " from generate_series("
                        + second * PER_SECOND + ", " + ((second + 1) * PER_SECOND - 1) + ") i");
                most = Math.max(most, container.ownMemory());
                Duration due = Duration.ofSeconds(second + 1).minusNanos(System.nanoTime() - start);
                if (!due.isNegative()) {
                    // The pace is what is asked for.
                    Thread.sleep(due.toMillis());
                }
            }
            long total = (long) SECONDS * PER_SECOND;
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> database.one("select count(*) from net._http_response")
                            .equals(String.valueOf(total)));
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            String metrics = get("/metrics");
            assertThat(metrics).contains("pgnetty_requests_total");
            if (Promtool.installed()) {
                assertThat(Promtool.run(metrics, "check", "metrics").text()).isEmpty();
            }
            System.out.println(total + " requests in " + took.toMillis() + " ms; own memory " + (most >> 20)
                    + " MiB, with files at most " + (container.mostMemory() >> 20) + " MiB of "
                    + (MEMORY >> 20));
            assertThat(container.isAlive()).as(container::log).isTrue();
            assertThat(most).isLessThan(230L << 20);
            // As many different contents as requests, each one that was sent.
            assertThat(
                            database.one(
                                    "select count(distinct content) from net._http_response where status_code = 200"
                                            + " and content = 'number ' || split_part(content, ' ', 2) || repeat(' x', split_part(content, ' ', 2)::int % 500)"))
                    .isEqualTo(String.valueOf(total));
            assertThat(container.stop(30)).isZero();
        }
    }

    @Test
    void sigtermLetsRequestsInFlightFinish() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        try (Target target = new Target().hold("/held", held);
                ImageContainer container = ImageContainer.start(folder, config, MEMORY, List.of(), run())) {
            awaitReady(container);
            database.run("select net.http_get('" + target.url("/held")
                    + "', timeout_milliseconds := 20000) from generate_series(1, 5)");
            Awaitility.await().until(() -> target.count() == 5);
            Thread stop = new Thread(() -> {
                try {
                    container.stop(30);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            stop.start();
            Awaitility.await().until(() -> container.log().contains("draining"));
            held.countDown();
            stop.join();
            assertThat(container.isAlive()).isFalse();
            assertThat(database.one(
                            "select count(*) from net._http_response where status_code = 200 and content = 'late'"))
                    .isEqualTo("5");
            assertThat(container.log()).contains("stopped after");
        }
    }

    private List<String> run() {
        return List.of(
                "run", "--url", database.text(), "--admin", "127.0.0.1:" + admin, "--egress-allow", "127.0.0.0/8");
    }

    /** Its log says so: asking it would cost it time. */
    private static void awaitReady(ImageContainer container) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .failFast("the container ended", () -> !container.isAlive())
                .until(() -> container.log().contains("ready: listening"));
    }

    private String get(String path) throws IOException, InterruptedException {
        return CLIENT.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
