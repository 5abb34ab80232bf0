package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Failed;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.testing.LeakWatch;
import io.pgnetty.testing.Queued;
import io.pgnetty.testing.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers that do not keep to the letter of HTTP, over real sockets, each followed by an innocent request. */
class SloppyAnswersTest {

    private final Target target = new Target();
    private final HttpSender sender = Requests.sender("127.0.0.0/8", UnaryOperator.identity());

    @AfterEach
    void end() throws IOException {
        sender.close().block(Duration.ofSeconds(5));
        target.close();
        assertThat(LeakWatch.take()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.pgnetty.http.SloppyAnswers#all")
    void isReadAsMeantAndHarmsNoOther(SloppyAnswers.Answer answer) {
        serve(answer, 0);
        Outcome before = send("GET", "/before");
        assertThat(text(before)).isEqualTo("before");
        check(answer, send(answer.method(), "/odd"));
        for (int i = 0; i < 3; i++) {
            assertThat(text(send("GET", "/next"))).isEqualTo("next");
        }
    }

    /** However the network cuts the answer. */
    @ParameterizedTest
    @MethodSource("io.pgnetty.http.SloppyAnswers#all")
    void isReadAlikeInPieces(SloppyAnswers.Answer answer) {
        for (int seed = 1; seed <= 3; seed++) {
            serve(answer, seed);
            check(answer, send(answer.method(), "/odd"));
            assertThat(text(send("GET", "/next"))).isEqualTo("next");
        }
    }

    @Test
    void bytesThatNobodyAskedForAreNeverAnAnswer() throws Exception {
        for (int pause : new int[] {0, 1, 30}) {
            target.on("/odd", (request, out, socket) -> {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                Thread.sleep(pause);
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged".getBytes(StandardCharsets.US_ASCII));
                return true;
            });
            target.respond("/next", 200, Map.of(), "next".getBytes(StandardCharsets.UTF_8));
            assertThat(text(send("GET", "/odd"))).isEqualTo("ok");
            Thread.sleep(pause + 50L);
            assertThat(text(send("GET", "/next"))).isEqualTo("next");
        }
    }

    private void serve(SloppyAnswers.Answer answer, int seed) {
        for (String path : new String[] {"/before", "/next", "/after"}) {
            target.respond(path, 200, Map.of(), path.substring(1).getBytes(StandardCharsets.UTF_8));
        }
        target.on("/odd", (request, out, socket) -> {
            byte[] wire = answer.wire();
            Random random = new Random(seed);
            for (int at = 0; at < wire.length; ) {
                int size = seed == 0 ? wire.length : Math.min(wire.length - at, 1 + random.nextInt(12));
                out.write(wire, at, size);
                out.flush();
                at += size;
                if (seed > 1) {
                    Thread.yield();
                }
            }
            return !answer.closes();
        });
    }

    private Outcome send(String method, String path) {
        return Requests.send(sender, Queued.of(method, target.url(path)));
    }

    private static void check(SloppyAnswers.Answer answer, Outcome outcome) {
        if (answer.status() == 0) {
            assertThat(outcome).isInstanceOfSatisfying(Failed.class, failed -> {
                assertThat(failed.kind()).isEqualTo(FailureKind.MALFORMED);
                assertThat(failed.message()).contains(answer.text());
            });
            return;
        }
        assertThat(outcome).isInstanceOfSatisfying(Responded.class, response -> {
            assertThat(response.status()).isEqualTo(answer.status());
            assertThat(new String(response.body(), StandardCharsets.ISO_8859_1)).isEqualTo(answer.text());
            assertThat(response.headers())
                    .allSatisfy(header -> assertThat(header.name()).matches("[!-~]+"))
                    .allSatisfy(header ->
                            assertThat(header.value()).doesNotContainPattern("[\\x00-\\x08\\x0a-\\x1f\\x7f]"));
        });
    }

    private static String text(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Responded.class);
        return new String(((Responded) outcome).body(), StandardCharsets.UTF_8);
    }
}
