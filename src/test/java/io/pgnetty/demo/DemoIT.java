package io.pgnetty.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
                    .filter(line -> line.startsWith("  select "))
                    .limit(2)
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
                        " request_id\n------------\n 1\n(1 row)",
                        " SUCCESS | ok ",
                        "\"\"hello\\\\\"\"",
                        "ERROR:  function no_such() does not exist");
        // A statement failed, and a script can tell.
        assertThat(demo.exitValue()).isEqualTo(1);
        assertNothingLeft();
    }

    @Test
    void sigtermLeavesNothingBehind() throws Exception {
        Process demo = start();
        try (var reader = demo.inputReader(StandardCharsets.UTF_8)) {
            StringBuilder out = new StringBuilder();
            assertThat(Stream.generate(() -> line(reader, out)).anyMatch(line -> line.startsWith("\\q")))
                    .isTrue();
            demo.destroy();
            assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        assertNothingLeft();
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + temp,
                        "-jar",
                        Path.of("target", "pgnetty-demo.jar").toString(),
                        "demo")
                .redirectErrorStream(true)
                .start();
    }

    private static String line(java.io.BufferedReader reader, StringBuilder out) {
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
