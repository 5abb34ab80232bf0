package io.pgnetty.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.RawTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where curl is on the machine: what it reads we read alike, but for what can be read in two ways. We read some more than it does. */
class BesideCurlTest {

    /** What curl reads and we do not: there are two ways to read it, and the next reader takes the other one. */
    private static final Set<String> AMBIGUOUS =
            Set.of("different lengths", "different lengths in one field", "a length with a sign", "an unknown coding");

    @TempDir
    Path folder;

    /** @param exit of curl; 0 where it is content */
    private record Seen(int exit, String status, String body) {}

    @BeforeAll
    static void curlIsThere() throws InterruptedException {
        try {
            assertThat(new ProcessBuilder("curl", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor())
                    .isZero();
        } catch (IOException e) {
            Assumptions.abort("no curl on this machine");
        }
    }

    @Test
    void weReadWhatCurlReads() throws Exception {
        List<String> different = new ArrayList<>();
        int alike = 0;
        for (SloppyAnswers.Answer answer : SloppyAnswers.all().toList()) {
            Seen seen = curl(answer);
            if (seen.exit() != 0
                    || AMBIGUOUS.contains(answer.name())
                    || answer.name().startsWith("a redirect")) {
                continue;
            }
            if (seen.status().equals(String.valueOf(answer.status()))
                    && seen.body().equals(answer.text())) {
                alike++;
            } else {
                different.add(answer.name() + ": " + seen);
            }
        }
        assertThat(different).isEmpty();
        assertThat(alike).isGreaterThan(30);
    }

    private Seen curl(SloppyAnswers.Answer answer) throws IOException, InterruptedException {
        try (RawTarget target = new RawTarget((number, socket) -> {
            RawTarget.head(socket);
            RawTarget.write(socket, answer.bytes());
            if (!answer.closes()) {
                // Until curl ends the connection.
                socket.getInputStream().read();
            }
        })) {
            Path body = folder.resolve("body");
            Files.deleteIfExists(body);
            List<String> command = new ArrayList<>(List.of(
                    "curl", "-s", "--noproxy", "*", "--max-time", "2", "-o", body.toString(), "-w", "%{http_code}"));
            if (answer.method().equals("HEAD")) {
                command.addAll(List.of("-X", "HEAD", "--head"));
            }
            command.add(target.url("/"));
            Process process = new ProcessBuilder(command).start();
            String status = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            process.waitFor(10, TimeUnit.SECONDS);
            boolean head = answer.method().equals("HEAD") || !Files.exists(body);
            return new Seen(
                    process.exitValue(), status, head ? "" : Files.readString(body, StandardCharsets.ISO_8859_1));
        }
    }
}
