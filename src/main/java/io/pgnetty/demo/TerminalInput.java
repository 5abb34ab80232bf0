package io.pgnetty.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A prompt that can be edited, with a history and completion. */
final class TerminalInput implements Input {

    /** A terminal may tell of one press twice, the second time when the next line is read. */
    private static final Duration ONE_PRESS = Duration.ofMillis(150);

    private final Terminal terminal;
    private final LineReader reader;
    /** When Ctrl-C was pressed and nothing was typed since; 0 where that is not so. */
    private long interrupted;

    private TerminalInput(Terminal terminal, LineReader reader) {
        this.terminal = terminal;
        this.reader = reader;
    }

    /**
     * Opens this process's terminal.
     *
     * @param history where the history is kept, or empty: it ends with the demo
     */
    static TerminalInput open(Completer completer, Optional<Path> history) throws IOException {
        Terminal terminal = TerminalBuilder.builder()
                .name("pgnetty")
                .system(true)
                .nativeSignals(true)
                .build();
        LineReaderBuilder reader = LineReaderBuilder.builder()
                .appName("pgnetty")
                .terminal(terminal)
                .parser(new StatementParser())
                .completer(completer)
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
        history.ifPresent(file -> reader.variable(LineReader.HISTORY_FILE, file));
        return new TerminalInput(terminal, reader.build());
    }

    @Override
    public Optional<String> read(String prompt) {
        while (true) {
            try {
                reader.setVariable(LineReader.SECONDARY_PROMPT_PATTERN, prompt.replace('=', '-'));
                String text = reader.readLine(prompt);
                interrupted = 0;
                return Optional.of(text);
            } catch (UserInterruptException e) {
                // What was typed since is dropped, as psql does.
                long now = System.nanoTime();
                boolean again = interrupted != 0 && e.getPartialLine().isBlank();
                if (again && now - interrupted < ONE_PRESS.toNanos()) {
                    continue;
                }
                if (again) {
                    return Optional.empty();
                }
                interrupted = now;
                terminal.writer().println("Ctrl-C once more, or \\q, ends the demo.");
            } catch (EndOfFileException e) {
                return Optional.empty();
            }
        }
    }

    @Override
    public boolean isTyped() {
        return true;
    }

    @Override
    public void cancellable(Runnable work, Runnable cancel) {
        AtomicInteger times = new AtomicInteger();
        Terminal.SignalHandler before = terminal.handle(
                Terminal.Signal.INT,
                // The second time, the shutdown hook closes everything.
                signal -> (times.incrementAndGet() == 1 ? cancel : (Runnable) TerminalInput::end).run());
        try {
            work.run();
        } finally {
            terminal.handle(Terminal.Signal.INT, before);
        }
    }

    private static void end() {
        System.exit(0);
    }

    @Override
    public int width() {
        // Where it does not say, as most are.
        return terminal.getSize().getColumns() > 0 ? terminal.getSize().getColumns() : 80;
    }

    @Override
    public void close() throws IOException {
        terminal.close();
    }
}
