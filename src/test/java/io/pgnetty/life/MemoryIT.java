package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The real jar with little memory: no answer is another's, and none kills it. */
class MemoryIT {

    private static final List<String> SMALL = List.of("-Xmx256m", "-XX:MaxDirectMemorySize=64m");

    private final TestDatabase database = TestPostgres.shared().installed("public");
    private final Target target = new Target().quiet();

    @AfterEach
    void end() throws IOException {
        target.close();
    }

    @Test
    void answersOfTwoRolesAndHostsAreTheirOwn() {
        long seed = new Random().nextLong();
        System.out.println("MemoryIT: seed " + seed);
        target.on("/body", (request, out, socket) -> {
            int number = Integer.parseInt(request.uri().substring(request.uri().indexOf('=') + 1));
            boolean chunked = number % 2 == 0;
            byte[] body = body(seed, number);
            write(
                    out,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                            + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length) + "\r\n\r\n");
            for (int from = 0; from < body.length; from += 7_000) {
                int size = Math.min(7_000, body.length - from);
                if (chunked) {
                    write(out, Integer.toHexString(size) + "\r\n");
                }
                out.write(body, from, size);
                if (chunked) {
                    write(out, "\r\n");
                }
            }
            if (chunked) {
                write(out, "0\r\n\r\n");
            }
            return true;
        });
        database.run(
                "do $$ begin create role memory_a; create role memory_b; exception when duplicate_object then null; end $$");
        try (BridgeProcess bridge = BridgeProcess.runIn(SMALL, database)) {
            for (String role : List.of("a", "b")) {
                database.run("set role memory_" + role + "; select net.http_get('http://"
                        + (role.equals("a") ? "127.0.0.1" : "localhost") + ":" + target.port()
                        + "/body?n=' || i, timeout_milliseconds := 120000) from generate_series(1, 400) i");
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .until(() -> database.one("select count(*) from net._http_response")
                            .equals("800"));
            assertThat(bridge.log()).doesNotContain("IllegalReferenceCount", "IndexOutOfBounds", "OutOfMemory");
        }
        // Ids are given in the order of the numbers, role by role.
        for (List<String> row : database.rows(
                "select (id - 1) % 400 + 1, status_code, md5(content), queued_by::text, error_msg from net._http_response")) {
            assertThat(row.get(1)).as(row + ", seed " + seed).isEqualTo("200");
            assertThat(row.get(2)).as(row + ", seed " + seed).isEqualTo(md5(body(seed, Integer.parseInt(row.get(0)))));
        }
        assertThat(database.rows("select queued_by::text, count(*) from net._http_response group by 1 order by 1"))
                .containsExactly(List.of("memory_a", "400"), List.of("memory_b", "400"));
    }

    @Test
    void aBodyInChunksOfOneByteKillsNobody() {
        int length = 9_000_000;
        target.on("/dust", (request, out, socket) -> {
            OutputStream buffered = new BufferedOutputStream(out, 1 << 16);
            write(buffered, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
            byte[] chunk = "1\r\nx\r\n".getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < length; i++) {
                buffered.write(chunk);
            }
            write(buffered, "0\r\n\r\n");
            buffered.flush();
            return true;
        });
        try (BridgeProcess bridge = BridgeProcess.runIn(SMALL, database)) {
            database.run("select net.http_get('" + target.url("/dust") + "', timeout_milliseconds := 120000)"
                    + " from generate_series(1, 4)");
            database.run("select net.http_get('" + target.url("/other") + "')");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(150))
                    .until(() -> database.one("select count(*) from net._http_response")
                            .equals("5"));
            assertThat(bridge.status("/livez")).isEqualTo(200);
        }
        assertThat(database.rows("select status_code, length(content) from net._http_response where id <= 4"))
                .containsOnly(List.of("200", String.valueOf(length)));
        assertThat(database.rows("select failure from net.attempts")).isEmpty();
    }

    /** 90 KB of letters that are this number's. */
    private static byte[] body(long seed, int number) {
        Random random = new Random(seed + number);
        byte[] body = new byte[90_000];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) ('a' + random.nextInt(26));
        }
        return body;
    }

    private static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
