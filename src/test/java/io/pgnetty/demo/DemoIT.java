package io.pgnetty.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.Target;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's jar, as the README starts it. */
class DemoIT {

    @TempDir
    Path temp;

    @Test
    void theExampleThatItPrintsWorksThroughStandardInput() throws Exception {
        Process demo = start();
        StringBuilder out = new StringBuilder();
        try (var reader = demo.inputReader(StandardCharsets.UTF_8);
                var writer = demo.outputWriter(StandardCharsets.UTF_8)) {
            List<String> example = Stream.generate(() -> line(reader, out))
                    .filter(line -> line.matches(" {2,4}(select|from) .*"))
                    // The second statement has two lines.
                    .limit(3)
                    .collect(Collectors.toList());
            for (String line : example) {
                writer.write(line + "\n");
            }
            writer.write("select no_such();\n");
            writer.close();
            reader.lines().forEach(line -> out.append(line).append('\n'));
        }
        assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(out.toString())
                .contains(
                        " http_post\n-----------\n 1\n(1 row)",
                        // Too wide for columns beside one another.
                        "-[ RECORD 1 ]+----------\nstatus_code | 200\nbody        | {\"method\":\"POST\",\"uri\":\"/hello\"",
                        "{\\\"hello\\\": \\\"world\\\"}",
                        "ERROR:  function no_such() does not exist\nLINE 1: select no_such()\n               ^\nHINT:  ")
                .doesNotContainIgnoringCase("warning");
        // A statement failed, and a script can tell.
        assertThat(demo.exitValue()).isEqualTo(1);
        assertNothingLeft();
    }

    @Test
    void sigtermLeavesNothingBehind() throws Exception {
        Process demo = start("--no-prompt");
        try (var reader = demo.inputReader(StandardCharsets.UTF_8)) {
            awaitLine(reader, "Ctrl-C or SIGTERM ends the demo.");
            demo.destroy();
            assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertNothingLeft();
    }

    /** What is killed cannot clean up; the next one does. */
    @Test
    void whatAKilledDemoLeftGoesWithTheNext() throws Exception {
        Process killed = start("--no-prompt");
        try (var reader = killed.inputReader(StandardCharsets.UTF_8)) {
            awaitLine(reader, "Ctrl-C or SIGTERM ends the demo.");
        }
        Path data = demoFolder().resolve("data");
        ProcessHandle server = ProcessHandle.of(Long.parseLong(
                        Files.readAllLines(data.resolve("postmaster.pid")).get(0)))
                .orElseThrow();
        killed.destroyForcibly().waitFor();
        assertThat(server.isAlive()).isTrue();

        Process next = start();
        next.outputWriter(StandardCharsets.UTF_8).close();
        next.inputReader(StandardCharsets.UTF_8).lines().forEach(line -> {});
        assertThat(next.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(next.exitValue()).isZero();
        assertThat(server.isAlive()).isFalse();
        assertNothingLeft();
    }

    @Test
    void whatAScriptQueuesLastIsSent() throws Exception {
        try (Target target = new Target()) {
            // More than a host has slots: most of them are in no bridge's hands when the script ends.
            assertThat(script("select net.http_post('" + target.url("/last")
                            + "', to_jsonb('body ' || n)) from generate_series(1, 300) n"))
                    .doesNotContain("As the demo ends");
            assertThat(target.requests())
                    .extracting(Target.Request::text)
                    .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 300)
                            .mapToObj(n -> "\"body " + n + "\"")
                            .toList());
            assertThat(script(
                            "select net.http_get('" + target.url("/") + "', not_before := now() + interval '1 hour')"))
                    .contains("0 are due, and 1 are scheduled");
        }
    }

    @Test
    void dataIsKeptWhereThatIsAsked(@TempDir Path kept) throws Exception {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        assertThat(script(
                        "create table note (text text); insert into note values ('kept');", "--data", kept.toString()))
                .contains("OK, 1 row");
        assertThat(script("select text from note", "--data", kept.toString(), "--port", String.valueOf(port)))
                .contains(" kept\n(1 row)", "127.0.0.1:" + port + "/postgres");

        Process killed = start("--no-prompt", "--data", kept.toString());
        try (var reader = killed.inputReader(StandardCharsets.UTF_8)) {
            awaitLine(reader, "Ctrl-C or SIGTERM ends the demo.");
            assertThat(script("select 1", "--data", kept.toString()))
                    .contains("another demo, process " + killed.pid() + ", uses " + kept);
        }
        killed.destroyForcibly().waitFor();
        assertThat(script("select text from note", "--data", kept.toString())).contains(" kept\n(1 row)");
        assertThat(script(
                        "select 1", "--data", kept.resolve("data/PG_VERSION/in").toString()))
                .contains("--data: the folder ", " cannot be used: ");
        assertThat(script("select 1", "--data", kept.resolve("data/PG_VERSION").toString()))
                .contains("PG_VERSION is no folder");
        assertThat(Files.getPosixFilePermissions(kept.resolve("data")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(Files.exists(kept.resolve("page-token"))).isFalse();
        assertNothingLeft();
    }

    private String script(String sql, String... options) throws Exception {
        Process demo = start(options);
        try (var writer = demo.outputWriter(StandardCharsets.UTF_8)) {
            writer.write(sql);
        }
        String out;
        try (var reader = demo.inputReader(StandardCharsets.UTF_8)) {
            out = reader.lines().collect(Collectors.joining("\n"));
        }
        assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return out;
    }

    private static void awaitLine(BufferedReader reader, String begin) {
        StringBuilder out = new StringBuilder();
        assertThat(Stream.generate(() -> line(reader, out)).anyMatch(line -> line.startsWith(begin)))
                .isTrue();
    }

    private Path demoFolder() throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            return files.filter(file -> file.getFileName().toString().startsWith("pgnetty-demo-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temp,
                "-jar",
                Path.of("target", "pgnetty-demo.jar").toString(),
                "demo"));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String line(BufferedReader reader, StringBuilder out) {
        try {
            String line = reader.readLine();
            if (line == null) {
                throw new AssertionError("the demo ended: " + out);
            }
            out.append(line).append('\n');
            return line;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            // What Netty and the JVM unpack for a process that is gone is not ours to name.
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.contains("pg")))
                    .isEmpty();
        }
    }
}
