package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** Answers that no server gives: each request has an outcome in time, none is unexplained, and what is held for them is given back. */
class ResponseFuzzTest {

    private static final int ANSWERS = 4_000;

    private static final List<String> PIECES = List.of(
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 ",
            "HTTP/1.0 404\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n",
            "Content-Length: 5\r\n",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "Content-Length: 99999999999\r\n",
            "Content-Length: -1\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Content-Encoding: gzip\r\n",
            "Content-Encoding: br\r\n",
            "Content-Encoding: deflate, zstd\r\n",
            "Content-Type: text/plain; charset=\"\u00fc\r\n",
            "Set-Cookie: a\r\n b\r\n",
            "Location: http://[\r\n",
            ": x\r\n",
            "X\r\n",
            "X : y\r\n",
            "\r\n",
            "\n",
            "hello",
            "5\r\nhello\r\n",
            "0\r\n\r\n",
            "ffffffffffffffff\r\n",
            "5;ext=\"\r\n",
            "\u0000",
            "\u00ff\u00fe",
            "A: " + "b".repeat(9_000) + "\r\n",
            "Trailer: x\r\n",
            "Connection: close\r\n",
            "Upgrade: h2c\r\n",
            "HTTP/2.0 200\r\n");

    private final Random random = new Random(20_251_127);

    private final List<byte[]> answers =
            Flux.range(0, ANSWERS).map(i -> answer()).collectList().block();

    /** A few pieces that fit each other or not, some bytes changed. */
    private byte[] answer() {
        StringBuilder text = new StringBuilder(random.nextInt(4) > 0 ? "HTTP/1.1 200 OK\r\n" : "");
        for (int i = 0; i < random.nextInt(8); i++) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; bytes.length > 0 && random.nextInt(3) == 0 && i < 5; i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    @Test
    void eachHasAnOutcomeInTime() throws IOException {
        List<String> unexplained = new CopyOnWriteArrayList<>();
        Map<FailureKind, AtomicInteger> failures = new EnumMap<>(FailureKind.class);
        AtomicInteger responses = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> serve(server), "fuzz");
            thread.setDaemon(true);
            thread.start();
            HttpSender sender = Requests.sender(32, "127.0.0.1", event -> {}, UnaryOperator.identity());
            Flux.range(0, ANSWERS)
                    .flatMap(
                            i -> Requests.sent(
                                    sender, Requests.get("http://127.0.0.1:" + server.getLocalPort() + "/" + i)),
                            32)
                    .doOnNext(outcome -> {
                        if (outcome instanceof Outcome.Failed failed) {
                            synchronized (failures) {
                                failures.computeIfAbsent(failed.kind(), kind -> new AtomicInteger())
                                        .incrementAndGet();
                            }
                            if (failed.kind() == FailureKind.OTHER) {
                                unexplained.add(failed.message());
                            }
                        } else {
                            responses.incrementAndGet();
                        }
                    })
                    .blockLast(Duration.ofMinutes(2));
            sender.close().block();
        }
        System.out.println("of " + ANSWERS + " answers: " + responses + " responses, failures " + failures);
        assertThat(unexplained).isEmpty();
        assertThat(failures).doesNotContainKey(FailureKind.TIMEOUT);
        assertThat(responses.get()
                        + failures.values().stream()
                                .mapToInt(AtomicInteger::get)
                                .sum())
                .isEqualTo(ANSWERS);
        assertThat(responses.get()).isGreaterThan(ANSWERS / 20);
    }

    private void serve(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread thread = new Thread(() -> answer(socket), "fuzz");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                // Closed.
                return;
            }
        }
    }

    private void answer(Socket socket) {
        try (socket) {
            socket.setSoTimeout(10_000);
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return;
                }
                head.append((char) next);
            }
            String path = head.substring(head.indexOf("/") + 1, head.indexOf(" HTTP"));
            socket.getOutputStream()
                    .write(path.matches("[0-9]{1,5}") ? answers.get(Integer.parseInt(path)) : new byte[0]);
        } catch (IOException e) {
            // The bridge has closed it.
            return;
        }
    }
}
