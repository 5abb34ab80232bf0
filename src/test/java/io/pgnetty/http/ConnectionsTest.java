package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.http.tls.TestTls;
import io.pgnetty.observe.Event;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Failed;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.testing.LeakWatch;
import io.pgnetty.testing.Queued;
import io.pgnetty.testing.RawTarget;
import io.pgnetty.testing.TlsServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that end at a bad moment. */
class ConnectionsTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: ";

    private final List<Event> events = new CopyOnWriteArrayList<>();
    private HttpSender sender = Requests.sender(1, "127.0.0.0/8", events::add, UnaryOperator.identity());
    private RawTarget target;

    @AfterEach
    void end() throws IOException {
        sender.close().block(Duration.ofSeconds(5));
        target.close();
        assertThat(LeakWatch.take()).isEmpty();
    }

    /** It answers one request on a connection, and closes the connection on reading the second. */
    @ParameterizedTest
    @CsvSource({
        "false,false,0",
        "true,false,0",
        "false,false,5000000",
        "true,false,5000000",
        "false,true,0",
        "true,true,0",
        "false,true,5000000",
        "true,true,5000000"
    })
    void aConnectionThatHadEndedIsNoFailure(boolean reset, boolean secure, int body) throws Exception {
        String url = serve(secure, (number, socket) -> {
            answer(socket, "first");
            if (number == 1) {
                RawTarget.head(socket);
                end(socket, reset);
            }
            while (answer(socket, "next")) {
                // As long as it is asked.
            }
        });

        assertThat(text(send("GET", url, null))).isEqualTo("first");
        assertThat(text(send("POST", url, new byte[body]))).isEqualTo("first");
        assertThat(target.connections()).isEqualTo(2);
        assertThat(events).filteredOn(Event.ConnectionRetried.class::isInstance).hasSize(1);
    }

    @Test
    void isSentOnceMoreAndNoFurther() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        target = new RawTarget((number, socket) -> {
            if (number == 1) {
                answer(socket, "first");
            }
            RawTarget.head(socket);
            requests.incrementAndGet();
        });
        assertThat(text(send("GET", target.url("/"), null))).isEqualTo("first");
        assertClosed(send("GET", target.url("/"), null));
        assertThat(requests).hasValue(2);
        assertThat(target.connections()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFreshConnectionThatEndsIsAFailure(boolean reset) throws Exception {
        target = new RawTarget((number, socket) -> {
            RawTarget.head(socket);
            end(socket, reset);
        });
        assertClosed(send("GET", target.url("/"), null));
        assertThat(target.connections()).isEqualTo(1);
        assertThat(events).noneMatch(Event.ConnectionRetried.class::isInstance);
    }

    /** Any byte of an answer says that the request was read. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "H",
                "HTTP/1.1 20",
                "HTTP/1.1 200 OK\r\nContent-Le",
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
                "HTTP/1.1 103 Early Hints\r\n\r\n"
            })
    void aConnectionThatAnsweredAnythingIsAFailure(String begin) throws Exception {
        target = new RawTarget((number, socket) -> {
            answer(socket, "first");
            RawTarget.head(socket);
            RawTarget.write(socket, begin);
        });
        assertThat(text(send("GET", target.url("/"), null))).isEqualTo("first");
        assertClosed(send("GET", target.url("/"), null));
        assertThat(target.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "H", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"})
    void anEndWithinTheHeadIsClosed(String head) throws Exception {
        target = new RawTarget((number, socket) -> {
            RawTarget.head(socket);
            RawTarget.write(socket, head);
        });
        assertClosed(send("GET", target.url("/"), null));
    }

    /** What a former answer left behind is not the next one, also when it comes late. */
    @Test
    void bytesThatComeLateAreNoAnswer() throws Exception {
        target = new RawTarget((number, socket) -> {
            if (number == 1) {
                RawTarget.head(socket);
                RawTarget.write(socket, OK + "5\r\n\r\nfirst");
                RawTarget.head(socket);
                RawTarget.write(socket, ", and more of it");
                RawTarget.head(socket);
            }
            answer(socket, "next");
        });
        assertThat(text(send("GET", target.url("/"), null))).isEqualTo("first");
        assertThat(text(send("GET", target.url("/"), null))).isEqualTo("next");
    }

    @Test
    void whoSpeaksFirstIsRefused() throws Exception {
        target = new RawTarget((number, socket) -> {
            RawTarget.write(socket, "220 mail.example.com ESMTP\r\n");
            RawTarget.head(socket);
            Thread.sleep(10_000);
        });
        assertThat(send("GET", target.url("/"), null)).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.kind()).isEqualTo(FailureKind.MALFORMED);
            assertThat(failed.message()).contains("220 mail.example.com");
        });
    }

    /** It answers when it has read the head, and reads no further. */
    @ParameterizedTest
    @CsvSource({
        "close,false",
        "reset,false",
        "shutdown,false",
        "linger,false",
        "close,true",
        "shutdown,true",
        "linger,true"
    })
    void anAnswerBeforeTheRequestIsWrittenOutIsTheAnswer(String how, boolean secure) throws Exception {
        String url = serve(secure, earlyAnswer("HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge", how));
        for (int i = 0; i < 5; i++) {
            assertThat(send("POST", url, new byte[5_000_000])).isInstanceOfSatisfying(Responded.class, response -> {
                assertThat(response.status()).isEqualTo(413);
                assertThat(response.body()).isEqualTo("large".getBytes(StandardCharsets.US_ASCII));
            });
        }
        assertThat(target.connections()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({"close,false", "reset,false", "shutdown,false", "close,true", "reset,true", "shutdown,true"})
    void halfAnAnswerBeforeTheRequestIsWrittenOutIsNone(String how, boolean secure) throws Exception {
        String url = serve(secure, earlyAnswer("HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\nhalf", how));
        for (int i = 0; i < 5; i++) {
            assertClosed(send("POST", url, new byte[5_000_000]));
        }
        assertThat(target.connections()).isEqualTo(5);
    }

    private static RawTarget.Script earlyAnswer(String answer, String how) {
        return (number, socket) -> {
            RawTarget.head(socket);
            RawTarget.write(socket, answer);
            switch (how) {
                case "reset" -> {
                    // The answer is with the client.
                    Thread.sleep(100);
                    RawTarget.reset(socket);
                }
                case "shutdown" -> {
                    socket.shutdownOutput();
                    Thread.sleep(1_000);
                }
                case "linger" -> Thread.sleep(10_000);
                default -> socket.close();
            }
        };
    }

    private String serve(boolean secure, RawTarget.Script script) {
        TlsServer tls = secure ? TlsServer.selfSigned() : null;
        target = secure ? new RawTarget(tls.sockets(), script) : new RawTarget(script);
        if (secure) {
            sender.close().block(Duration.ofSeconds(5));
            sender = Requests.sender(1, "127.0.0.0/8", events::add, TestTls.trusting(tls));
        }
        return (secure ? "https" : "http") + "://127.0.0.1:" + target.port() + "/";
    }

    @Test
    void aLocationIsSentOnByteByByte() throws Exception {
        List<String> heads = new CopyOnWriteArrayList<>();
        target = new RawTarget((number, socket) -> {
            String head = RawTarget.head(socket);
            heads.add(head.substring(0, head.indexOf('\r')));
            RawTarget.write(
                    socket,
                    head.startsWith("GET / ")
                            ? "HTTP/1.1 302 Found\r\nLocation: /caf\u00e9/\u00c3\u00a9\r\nContent-Length: 99\r\n\r\ncut"
                            : OK + "2\r\n\r\nok");
        });
        assertThat(text(send("GET", target.url("/"), null))).isEqualTo("ok");
        assertThat(heads).containsExactly("GET / HTTP/1.1", "GET /caf%E9/%C3%A9 HTTP/1.1");
    }

    /** Its body would end with the connection, and that stays open. */
    @Test
    void aRedirectWhoseBodyDoesNotEndIsFollowed() throws Exception {
        target = new RawTarget((number, socket) -> {
            if (RawTarget.head(socket).startsWith("GET / ")) {
                RawTarget.write(socket, "HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\nbody");
                RawTarget.head(socket);
            } else {
                RawTarget.write(socket, OK + "2\r\n\r\nok");
            }
        });
        assertThat(text(send("GET", target.url("/"), null))).isEqualTo("ok");
    }

    @Test
    void blanksAroundAValueAreNotOfIt() throws Exception {
        List<String> heads = new CopyOnWriteArrayList<>();
        target = new RawTarget((number, socket) -> {
            heads.add(RawTarget.head(socket));
            RawTarget.write(socket, OK + "2\r\n\r\nok");
        });
        assertThat(text(Requests.send(
                        sender,
                        Requests.get(target.url("/"), new Header("X-One", " \ta b "), new Header("X-Two", " ")))))
                .isEqualTo("ok");
        assertThat(heads.get(0)).contains("\r\nX-One: a b\r\n", "\r\nX-Two: \r\n");
    }

    @Test
    void aRequestIsAsServersExpectIt() throws Exception {
        List<String> heads = new CopyOnWriteArrayList<>();
        target = new RawTarget((number, socket) -> {
            heads.add(RawTarget.head(socket));
            RawTarget.write(socket, OK + "2\r\n\r\nok");
        });
        send("POST", target.url("/a?b"), "body".getBytes(StandardCharsets.US_ASCII));
        assertThat(heads.get(0))
                .startsWith("POST /a?b HTTP/1.1\r\nHost: 127.0.0.1:" + target.port() + "\r\n")
                .contains(
                        "\r\nContent-Length: 4\r\n",
                        "\r\nUser-Agent: pgnetty/",
                        "\r\nIdempotency-Key: ",
                        "\r\nAccept: */*\r\n");
    }

    private static boolean answer(Socket socket, String body) throws IOException {
        String head = RawTarget.head(socket);
        if (head == null) {
            return false;
        }
        int at = head.indexOf("Content-Length: ");
        if (at > 0) {
            socket.getInputStream().readNBytes(Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at))));
        }
        RawTarget.write(socket, OK + body.length() + "\r\n\r\n" + body);
        return true;
    }

    private static void end(Socket socket, boolean reset) throws IOException {
        if (reset) {
            RawTarget.reset(socket);
        } else {
            socket.close();
        }
    }

    private Outcome send(String method, String url, byte[] body) {
        return Requests.send(sender, Queued.of(method, url, body));
    }

    private static void assertClosed(Outcome outcome) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.kind()).isEqualTo(FailureKind.CLOSED));
    }

    private static String text(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Responded.class);
        return new String(((Responded) outcome).body(), StandardCharsets.UTF_8);
    }
}
