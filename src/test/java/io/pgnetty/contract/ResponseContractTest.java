package io.pgnetty.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes back and what SQL reads. Nothing that a server answers may fail a write-back. */
@ParameterizedClass
@MethodSource("io.pgnetty.contract.Backend#all")
class ResponseContractTest extends Contract {

    @Test
    void anAnswerIsARowAsItWas() {
        target.respond(
                "/",
                418,
                Map.of("Content-Type", "text/plain", "X-A", "b"),
                "short and stout".getBytes(StandardCharsets.UTF_8));

        Result result = send("select net.http_get('" + target.url("/") + "')");

        assertThat(result.status()).isEqualTo("SUCCESS");
        assertThat(result.message()).isEqualTo("ok");
        assertThat(result.code()).isEqualTo("418");
        assertThat(result.body()).isEqualTo("short and stout");
        List<String> row = row(result.id());
        assertThat(row.get(1)).isEqualTo("text/plain");
        assertThat(row.get(2)).contains("\"X-A\": \"b\"");
        assertThat(row.get(4)).isEqualTo("f");
        assertThat(row.get(5)).isNull();
        assertThat(database.one("select count(*) from net.http_request_queue where id = " + result.id()))
                .isEqualTo("0");
    }

    @Test
    void repeatedHeadersAreAnArray() {
        target.raw("/", "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 0\r\n\r\n");

        assertThat(send("select net.http_get('" + target.url("/") + "')").headers())
                .contains("\"Set-Cookie\": [\"a=1\", \"b=2\"]");
    }

    @Test
    void bodyWithNulIsBytes() {
        target.respond("/", 200, Map.of("Content-Type", "text/plain"), new byte[] {'a', 0, 'b'});

        List<String> row =
                row(send("select net.http_get('" + target.url("/") + "')").id());
        assertThat(row.get(3)).isNull();
        assertThat(row.get(6)).isEqualTo("610062");
    }

    @Test
    void bodyThatIsNoTextIsBytesToTheLast() {
        byte[] all = new byte[70_000];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i * 31);
        }
        target.respond("/", 200, Map.of("Content-Type", "application/octet-stream"), all);

        List<String> row =
                row(send("select net.http_get('" + target.url("/") + "')").id());
        assertThat(row.get(3)).isNull();
        assertThat(row.get(6)).isEqualTo(HexFormat.of().formatHex(all));
    }

    @Test
    void textBeyondTheEncodingIsBytes() {
        byte[] chinese = "\u4e2d\u6587".getBytes(StandardCharsets.UTF_8);
        target.respond("/", 200, Map.of("Content-Type", "text/plain; charset=utf-8"), chinese);

        List<String> row =
                row(send("select net.http_get('" + target.url("/") + "')").id());
        if (backend == Backend.LATIN1) {
            assertThat(row.get(3)).isNull();
            assertThat(row.get(6)).isEqualTo(HexFormat.of().formatHex(chinese));
        } else {
            assertThat(row.get(3)).isEqualTo("\u4e2d\u6587");
        }
    }

    @Test
    void textInAnotherCharsetIsText() {
        target.respond(
                "/", 200, Map.of("Content-Type", "text/plain; charset=ISO-8859-1"), new byte[] {'h', (byte) 0xe9});

        assertThat(send("select net.http_get('" + target.url("/") + "')").body())
                .isEqualTo("h\u00e9");
    }

    @Test
    void strangeHeadersAreMadeRepresentable() {
        target.raw(
                "/",
                "HTTP/1.1 200 OK\r\nX-Utf8: "
                        + new String("\u4e2d".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)
                        + "\r\nX-Latin: \u00e9\u00ff\r\nContent-Type: text/\u00e9\r\nContent-Length: 2\r\n\r\nok");

        Result result = send("select net.http_get('" + target.url("/") + "')");
        assertThat(result.status()).isEqualTo("SUCCESS");
        assertThat(result.body()).isEqualTo("ok");
        assertThat(result.headers()).contains("X-Utf8");
    }

    @Test
    void emptyBodyIsEmptyText() {
        target.respond("/", 200, Map.of(), new byte[0]);
        target.raw("/204", "HTTP/1.1 204 No Content\r\n\r\n");

        assertThat(send("select net.http_get('" + target.url("/") + "')").body())
                .isEmpty();
        assertThat(send("select net.http_get('" + target.url("/204") + "')").code())
                .isEqualTo("204");
    }

    @Test
    void interimAnswersAreSkipped() {
        target.raw(
                "/",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                        + "HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nreal");

        Result result = send("select net.http_get('" + target.url("/") + "')");
        assertThat(result.code()).isEqualTo("201");
        assertThat(result.body()).isEqualTo("real");
    }

    @Test
    void failuresEndAsRowsThatSayWhy() throws IOException {
        target.raw("/garbage", "this is no HTTP at all\r\n\r\n");
        target.raw("/closed", "");
        target.raw("/half", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        target.on("/reset", (request, out, socket) -> {
            socket.setSoLinger(true, 0);
            return false;
        });
        target.raw("/length", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab");
        target.raw("/chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n");
        target.raw("/101", "HTTP/1.1 101 Switching Protocols\r\n\r\n");

        assertFailure("/garbage", "The response of .* is not valid HTTP: .*: \"this is no HTTP at all\"");
        assertFailure("/closed", "Connection closed by .* before it responded");
        assertFailure("/half", "Connection closed by .* in the middle of its response");
        assertFailure("/reset", "Connection (reset|closed) by .*");
        assertFailure("/length", "The response of .* is not valid HTTP: .*: \"1, 2\"");
        assertFailure("/chunks", "The response of .* is not valid HTTP: .*: \"zz\"");
        assertFailure("/101", "The response of .* switches protocols .*");
        assertFailure("http://127.0.0.1:" + closedPort() + "/", "Connection refused by 127.0.0.1:[0-9]+");
        assertFailure("https://127.0.0.1:" + target.port() + "/", "TLS with 127.0.0.1:[0-9]+ failed: .*");
        assertFailure(
                "http://name.invalid/",
                "Could not resolve host \"name.invalid\" to a public address; if it has another, --egress-allow name.invalid:80 would allow it");
    }

    @Test
    void timeoutSaysWhereTheTimeWent() {
        CountDownLatch never = new CountDownLatch(1);
        target.hold("/", never);

        Result result = send("select net.http_get('" + target.url("/") + "', timeout_milliseconds := 150)");

        assertThat(result.status()).isEqualTo("ERROR");
        assertThat(result.message())
                .matches("Timeout of 150 ms reached\\. Total time: [0-9]+\\.[0-9] ms \\(DNS time: [0-9.]+ ms, "
                        + "TCP/SSL handshake time: [0-9.]+ ms, HTTP Request/Response time: [0-9.]+ ms\\)");
        assertThat(row(result.id()).get(4)).isEqualTo("t");
        never.countDown();
    }

    @Test
    void dripThatNeverEndsIsTimedOutToo() {
        target.on("/", (request, out, socket) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            CountDownLatch pause = new CountDownLatch(1);
            for (int i = 0; i < 1000; i++) {
                out.write('x');
                out.flush();
                pause.await(20, java.util.concurrent.TimeUnit.MILLISECONDS);
            }
            return true;
        });

        Result result = send("select net.http_get('" + target.url("/") + "', timeout_milliseconds := 300)");
        assertThat(result.message()).startsWith("Timeout of 300 ms reached");
    }

    @Test
    void bodiesOverTheLimitEndAsErrors() {
        target.respond("/declared", 200, Map.of(), new byte[300_000]);
        target.on("/chunked", (request, out, socket) -> {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 100; i++) {
                out.write("2000\r\n".getBytes(StandardCharsets.US_ASCII));
                out.write(new byte[0x2000]);
                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return true;
        });

        assertFailure("/declared", "Response body is larger than 262144 bytes \\(--max-response-bytes\\)");
        assertFailure("/chunked", "Response body is larger than 262144 bytes \\(--max-response-bytes\\)");
        int before = target.count();
        Result request =
                send("select net.http_request('POST', '" + target.url("/") + "', body_text := repeat('x', 300000))");
        assertThat(request.message())
                .isEqualTo("Request body of 300000 bytes is larger than 262144 bytes (--max-request-bytes)");
        assertThat(target.count()).isEqualTo(before);
    }

    @Test
    void redirectsAreFollowedAsBrowsersDo() {
        target.respond("/301", 301, Map.of("Location", "/end?a"), new byte[10]);
        target.respond("/303", 303, Map.of("Location", target.url("/end?b")), new byte[0]);
        target.respond("/307", 307, Map.of("Location", "end?c"), new byte[0]);
        target.respond("/loop", 302, Map.of("Location", "/loop"), new byte[0]);
        target.respond("/ftp", 302, Map.of("Location", "ftp://x/"), new byte[0]);

        send("select net.http_post('" + target.url("/301") + "', '{\"a\": 1}')");
        send("select net.http_put('" + target.url("/303") + "', '{\"a\": 1}')");
        send("select net.http_post('" + target.url("/307") + "', '{\"a\": 1}')");

        assertThat(target.requests())
                .extracting(request -> request.method() + " " + request.uri() + " " + request.text())
                .containsExactly(
                        "POST /301 {\"a\": 1}", "GET /end?a ",
                        "PUT /303 {\"a\": 1}", "GET /end?b ",
                        "POST /307 {\"a\": 1}", "POST /end?c {\"a\": 1}");
        assertThat(target.requests().get(1).header("content-type")).isNull();
        assertFailure("/loop", "Gave up after 10 redirects, the last by .*");
        assertThat(target.count()).isEqualTo(6 + 11);
        assertFailure("/ftp", "Redirect of .* cannot be followed: .*");
    }

    private void assertFailure(String pathOrUrl, String pattern) {
        String url = pathOrUrl.startsWith("/") ? target.url(pathOrUrl) : pathOrUrl;
        Result result = send("select net.http_get('" + url + "', timeout_milliseconds := 4000)");
        assertThat(result.status()).as(url).isEqualTo("ERROR");
        assertThat(result.message()).as(url).matches(pattern);
        assertThat(row(result.id()).get(0)).as(url).isNull();
        assertThat(row(result.id()).get(4)).as(url).isEqualTo("f");
    }

    private static int closedPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
