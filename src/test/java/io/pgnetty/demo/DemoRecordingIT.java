package io.pgnetty.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnetty.testing.Tmux;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first minute, as docs/demo.md shows it: typed into a terminal again, and compared. */
class DemoRecordingIT {

    private static final int COLUMNS = 120;
    private static final int ROWS = 100;
    private static final String PROMPT = "demo=>";

    @TempDir
    Path temp;

    @Test
    void theFirstMinuteIsAsThePageShowsIt() throws Exception {
        String screen;
        try (Tmux terminal = demo()) {
            String target = terminal.screen().replaceFirst("(?s).*target +(http://[0-9.:]+)/.*", "$1");
            List<String> typed = List.of(
                    "select net.http_post('" + target + "/hello', '{\"hello\": \"world\"}') as request_id;",
                    "select (response).status_code, (response).body from net.http_get_result(1, async := false);",
                    "select net.http_get('" + target + "/flaky/2', max_attempts := 5);",
                    "select (response).status_code from net.http_get_result(2, async := false);",
                    "select id, method, url, status, status_code, attempt from net.requests order by id desc;");
            for (int i = 0; i < typed.size(); i++) {
                terminal.type(typed.get(i));
                terminal.awaitLines(PROMPT, i + 2);
            }
            screen = plain(terminal.screen(), target);
            terminal.type("\\q");
        }
        Path recording = Path.of("target", "demo-recording.txt");
        Files.writeString(recording, screen);
        assertThat(Files.readString(Path.of("docs", "demo.md")))
                .as("docs/demo.md shows something else than %s", recording)
                .contains("```text\n" + screen + "\n```");
    }

    /** A terminal may tell of one Ctrl-C twice, the second time a moment later. */
    @Test
    void ctrlCDropsWhatWasTypedAndNoMore() throws Exception {
        try (Tmux terminal = demo()) {
            for (int i = 1; i <= 6; i++) {
                terminal.write("select dropped");
                terminal.awaitLines(PROMPT + " select dropped", i);
                terminal.press("C-c");
                terminal.awaitLines(PROMPT, i + 1);
                terminal.awaitStill(PROMPT, Duration.ofMillis(500));
            }
            terminal.type("select 'still' || 'here' as it;");
            terminal.awaitLines(PROMPT, 8);
            assertThat(terminal.screen()).contains("stillhere");
            terminal.type("\\q");
        }
    }

    private Tmux demo() throws Exception {
        assumeTrue(Tmux.installed(), "tmux is not installed");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> demo = List.of(java, "-Djava.io.tmpdir=" + temp, "-jar", "target/pgnetty-demo.jar", "demo");
        Tmux terminal = new Tmux(COLUMNS, ROWS, demo);
        terminal.awaitLines(PROMPT, 1);
        return terminal;
    }

    /** Without what is another each time. */
    private static String plain(String screen, String target) {
        return screen.replace(target, "http://127.0.0.1:18080")
                .replace(target.replace("127.0.0.1", "localhost"), "http://localhost:18080")
                .replace(target.replace("http://", ""), "127.0.0.1:18080")
                .replaceAll("#token=\\w+", "#token=...")
                .replaceAll("127[.]0[.]0[.]1:\\d+/#", "127.0.0.1:9464/#")
                .replaceAll("127[.]0[.]0[.]1:\\d+/postgres", "127.0.0.1:15432/postgres")
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "01890c2e-...");
    }
}
