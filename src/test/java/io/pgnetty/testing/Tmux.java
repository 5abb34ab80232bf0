package io.pgnetty.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A program in a terminal, by tmux: what a person types, and what she sees. */
public final class Tmux implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String socket = "pgnetty-" + UUID.randomUUID();

    /** Starts a program in a terminal of that size. */
    public Tmux(int columns, int rows, List<String> command) throws IOException, InterruptedException {
        List<String> start = new ArrayList<>(List.of("-u", "-f", "/dev/null", "new-session", "-d", "-x"));
        start.addAll(List.of(String.valueOf(columns), "-y", String.valueOf(rows)));
        start.add(command.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ", "exec ", "")));
        tmux(start.toArray(String[]::new));
    }

    /** Whether this machine has it. */
    public static boolean installed() {
        try {
            return new ProcessBuilder("tmux", "-V").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Types a line, and Enter. */
    public void type(String line) throws IOException, InterruptedException {
        // A semicolon at the end of a word would be tmux's own.
        tmux("send-keys", "-l", line.replaceFirst(";$", "\\\\;"));
        tmux("send-keys", "Enter");
    }

    /** Types without Enter. */
    public void write(String text) throws IOException, InterruptedException {
        tmux("send-keys", "-l", text);
    }

    /** Presses a key, by tmux's name for it, such as {@code C-c}. */
    public void press(String key) throws IOException, InterruptedException {
        tmux("send-keys", key);
    }

    /** What is on the terminal, without blanks at the ends of lines and empty lines at the end. */
    public String screen() throws IOException, InterruptedException {
        return tmux("capture-pane", "-p", "-J", "-S", "-")
                .lines()
                .map(String::stripTrailing)
                .collect(Collectors.joining("\n"))
                .stripTrailing();
    }

    /** Waits until the last line is this one, such as a prompt, with at least so many of them. */
    public void awaitLines(String line, int count) {
        Awaitility.await(line)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    List<String> lines = screen().lines().toList();
                    return !lines.isEmpty()
                            && lines.get(lines.size() - 1).equals(line)
                            && lines.stream()
                                            .filter(other -> other.startsWith(line))
                                            .count()
                                    >= count;
                });
    }

    /** Waits until the last line has been this one for a while. */
    public void awaitStill(String line, Duration time) {
        Awaitility.await(line)
                .atMost(PATIENCE)
                .during(time)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> screen().equals(line) || screen().endsWith("\n" + line));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run("kill-server");
    }

    private String tmux(String... words) throws IOException, InterruptedException {
        Process process = run(words);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("tmux " + String.join(" ", words) + ": " + said);
        }
        return said;
    }

    private Process run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tmux", "-L", socket));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return process;
    }
}
