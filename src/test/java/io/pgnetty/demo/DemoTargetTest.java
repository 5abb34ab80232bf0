package io.pgnetty.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.netty.DisposableServer;

/** What the demo has to send to. */
class DemoTargetTest {

    private final HttpClient client = HttpClient.newHttpClient();
    private DisposableServer server;

    @BeforeEach
    void begin() {
        server = DemoTarget.start(0).block();
    }

    @AfterEach
    void end() {
        server.disposeNow();
    }

    @Test
    void answersAsThePathSays() throws Exception {
        assertThat(get("/hello?a=1").body())
                .contains("\"method\":\"POST\",\"uri\":\"/hello?a=1\"", "\"body\":\"sent\"");
        assertThat(get("/status/404").statusCode()).isEqualTo(404);
        assertThat(get("/status/204").statusCode()).isEqualTo(204);
        assertThat(get("/status/42").statusCode()).isEqualTo(400);
        assertThat(get("/bytes/100000").body()).hasSize(100_000);
        assertThat(get("/bytes/0").body()).isEmpty();
        assertThat(get("/statuses/500").statusCode()).isEqualTo(200);
        long start = System.nanoTime();
        assertThat(get("/delay/0.2").statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(190));
    }

    @Test
    void failsAsOftenAsItIsToldAndThenAnswers() throws Exception {
        for (int round = 0; round < 2; round++) {
            assertThat(get("/flaky/2").statusCode()).isEqualTo(503);
            assertThat(get("/flaky/2?other").statusCode()).isEqualTo(503);
            assertThat(get("/flaky/2").statusCode()).isEqualTo(503);
            assertThat(get("/flaky/2").statusCode()).isEqualTo(200);
            assertThat(get("/flaky/2?other").statusCode()).isEqualTo(503);
            assertThat(get("/flaky/2?other").statusCode()).isEqualTo(200);
        }
        assertThat(get("/flaky/0").statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .POST(HttpRequest.BodyPublishers.ofString("sent"))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
