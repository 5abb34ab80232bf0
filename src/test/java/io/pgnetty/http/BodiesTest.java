package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.Outcome.Failed;
import io.pgnetty.request.Outcome.Responded;
import io.pgnetty.testing.LeakWatch;
import io.pgnetty.testing.Queued;
import io.pgnetty.testing.Target;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a response's body costs, and that it is this response's: each request has content of its own, all of it compared. */
class BodiesTest {

    private final Target target = new Target();
    private final HttpSender sender = Requests.sender("127.0.0.0/8", UnaryOperator.identity());

    @AfterEach
    void end() throws IOException {
        sender.close().block(Duration.ofSeconds(5));
        target.close();
    }

    @Test
    void bodiesAreNeverMixed() {
        mixed(600, 40_000_000, 130_000);
    }

    @Test
    void bodiesThatWaitForMemoryAreNeverMixed() {
        // Room for one of them at a time.
        mixed(600, 150_000, 130_000);
    }

    @Test
    void bodiesBeyondTheMemoryAreNeverMixed() {
        mixed(300, 1_000, 130_000);
    }

    /** Slow and fast answers, cut and cancelled ones, from two hosts, through one budget. */
    private void mixed(int requests, long budget, int maxBody) {
        long seed = new Random().nextLong();
        System.out.println("BodiesTest: seed " + seed + ", budget " + budget);
        target.quiet().on("/body", (request, out, socket) -> {
            int id = Integer.parseInt(request.uri().substring(request.uri().indexOf('=') + 1));
            answer(new Random(seed ^ id), body(seed, id, maxBody), out);
            return true;
        });
        ByteBudget memory = new ByteBudget(budget);
        AtomicInteger whole = new AtomicInteger();
        List<String> wrong = Flux.range(0, requests)
                .flatMap(id -> one(memory, seed, id, maxBody, whole), 12)
                .collectList()
                .block(Duration.ofSeconds(120));
        assertThat(wrong).as("seed %d", seed).isEmpty();
        // Many are neither cut short nor cancelled.
        assertThat(whole.get()).as("seed %d", seed).isGreaterThan(requests / 6);
    }

    /** Says what is wrong with the answer to a request; a cancelled request or one whose time is up has none. */
    private Mono<String> one(ByteBudget memory, long seed, int id, int maxBody, AtomicInteger whole) {
        Random random = new Random(seed + id);
        String host = random.nextBoolean() ? "127.0.0.1" : "127.0.0.2";
        ByteBudget.Reservation reservation = memory.open(host);
        Mono<Outcome> sent = sender.send(
                Queued.get("http://127.0.0.1:" + target.port() + "/body?id=" + id, new Header("Host", host)),
                () -> true,
                HopGate.OPEN,
                reservation);
        // Many, so that some are cancelled in the moment in which their response begins.
        int fate = random.nextInt(3);
        if (fate == 0) {
            sent = sent.takeUntilOther(Mono.delay(Duration.ofMillis(random.nextInt(20))));
        }
        return sent.map(Optional::of)
                .defaultIfEmpty(Optional.empty())
                .doFinally(signal -> reservation.close())
                .flatMap(outcome -> {
                    if (outcome.isEmpty()) {
                        return fate == 0 ? Mono.empty() : Mono.just(id + " has no outcome");
                    }
                    if (outcome.get() instanceof Responded response) {
                        whole.incrementAndGet();
                        return Arrays.equals(response.body(), body(seed, id, maxBody))
                                ? Mono.empty()
                                : Mono.just(id + " has another body");
                    }
                    FailureKind kind = ((Failed) outcome.get()).kind();
                    // Closed: a connection that was given back in the moment in which its exchange was cancelled.
                    return kind == FailureKind.TIMEOUT || kind == FailureKind.CLOSED
                            ? Mono.empty()
                            : Mono.just(id + ": " + outcome.get());
                });
    }

    private static byte[] body(long seed, int id, int max) {
        Random random = new Random(31 * seed + id);
        byte[] body = new byte[random.nextInt(max)];
        random.nextBytes(body);
        return body;
    }

    /** By length or chunked, at once or in dribbles. */
    private static void answer(Random random, byte[] body, OutputStream out) throws IOException {
        boolean chunked = random.nextBoolean();
        boolean slow = random.nextInt(4) == 0;
        out.write(ascii("HTTP/1.1 200 OK\r\n"
                + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length) + "\r\n\r\n"));
        int from = 0;
        while (from < body.length) {
            int size = Math.min(1 + random.nextInt(slow ? 30_000 : 9_000), body.length - from);
            if (chunked) {
                out.write(ascii(Integer.toHexString(size) + "\r\n"));
            }
            out.write(body, from, size);
            if (chunked) {
                out.write(ascii("\r\n"));
            }
            from += size;
            if (slow) {
                out.flush();
                Thread.yield();
            }
        }
        if (chunked) {
            out.write(ascii("0\r\n\r\n"));
        }
        out.flush();
    }

    @Test
    void aBodyInChunksOfOneByteCostsWhatABodyCosts() {
        // With what each chunk costs alone, this would take some 3 MB at once.
        int length = 30_000;
        byte[] body = new byte[length];
        new Random(1).nextBytes(body);
        target.on("/", (request, out, socket) -> {
            out.write(ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
            byte[] chunk = ascii("1\r\n.\r\n");
            byte[] all = new byte[chunk.length * length];
            for (int i = 0; i < length; i++) {
                System.arraycopy(chunk, 0, all, chunk.length * i, chunk.length);
                all[chunk.length * i + 3] = body[i];
            }
            out.write(all);
            out.write(ascii("0\r\n\r\n"));
            return true;
        });
        Responded response = (Responded) Requests.send(sender, Requests.get(target.url("/")));
        assertThat(response.body()).isEqualTo(body);
    }

    @Test
    void aBodyIsGatheredInFewPieces() {
        ByteBudget.Reservation memory = new ByteBudget(1 << 20).open("h");
        BodyCollector collector = new BodyCollector(1 << 20, 1 << 20, 0, 0, memory);
        byte[] whole = collector
                .collect(Flux.range(0, 1 << 20)
                        .map(i -> io.netty.buffer.Unpooled.wrappedBuffer(new byte[] {(byte) (int) i})))
                .block();
        assertThat(whole).hasSize(1 << 20);
        assertThat(IntStream.range(0, 1 << 20).allMatch(i -> whole[i] == (byte) i))
                .isTrue();
        assertThat(collector.pieceCount()).isLessThan(16);
    }

    @Test
    void tooManyHeaderFieldsAreRefused() {
        target.raw("/", "HTTP/1.1 200 OK\r\n" + "a:b\r\n".repeat(1_001) + "Content-Length: 0\r\n\r\n");
        assertThat(Requests.send(sender, Requests.get(target.url("/"))))
                .isInstanceOfSatisfying(Failed.class, failed -> {
                    assertThat(failed.kind()).isEqualTo(FailureKind.MALFORMED);
                    assertThat(failed.message()).contains("more than 1000 header fields");
                });
    }

    @Test
    void trailersAreDropped() {
        target.raw(
                "/",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n" + "t:v\r\n".repeat(10_000)
                        + "\r\n");
        assertThat(Requests.send(sender, Requests.get(target.url("/"))))
                .isInstanceOfSatisfying(
                        Responded.class, response -> assertThat(response.body()).isEqualTo(ascii("ok")));
    }

    @Test
    void chunkExtensionsDoNotGoOnForEver() {
        String chunk = "1;" + "x".repeat(60_000) + "\r\na\r\n";
        target.raw("/", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(50) + "0\r\n\r\n");
        assertThat(Requests.send(sender, Requests.get(target.url("/"))))
                .isInstanceOfSatisfying(Failed.class, failed -> {
                    assertThat(failed.kind()).isEqualTo(FailureKind.MALFORMED);
                    assertThat(failed.message()).contains("more framing than body");
                });
    }

    @Test
    void nothingIsLeaked() {
        mixed(200, 150_000, 130_000);
        for (int i = 0; i < 3; i++) {
            System.gc();
            // Leaks are told at the next allocation.
            Requests.send(sender, Requests.get(target.url("/")));
        }
        assertThat(LeakWatch.take()).isEmpty();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
