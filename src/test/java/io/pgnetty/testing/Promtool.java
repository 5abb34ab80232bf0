package io.pgnetty.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Prometheus's own checker, where the machine has it. */
public final class Promtool {

    private Promtool() {}

    /** How it ended, and what it printed. */
    public record Said(int code, String text) {}

    public static boolean installed() {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool")));
    }

    /** Runs it, and gives it that to read. */
    public static Said run(String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        try {
            Process promtool =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            promtool.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            promtool.getOutputStream().close();
            String text = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!promtool.waitFor(20, TimeUnit.SECONDS)) {
                promtool.destroyForcibly();
                throw new IllegalStateException("promtool does not end");
            }
            return new Said(promtool.exitValue(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
