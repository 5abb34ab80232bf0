package io.pgnetty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A file that grows beyond this has more than one job. */
@Tag("quick")
class SizesTest {

    private static final int MAX_LINES = 250;
    private static final int MAX_PARAMETERS = 6;

    @Test
    void noFileIsTooLong() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources()) {
            long lines = Files.readString(file).lines().count();
            if (lines > MAX_LINES) {
                tooLong.add(file + ": " + lines);
            }
        }
        assertThat(tooLong).isEmpty();
    }

    /** Of constructors of classes; a record is its list. */
    @Test
    void noConstructorTakesTooMuch() throws IOException {
        List<String> wide = new ArrayList<>();
        for (Path file : sources()) {
            String name = file.getFileName().toString().replace(".java", "");
            String text = Files.readString(file).replaceAll("(?s)/\\*.*?\\*/", "");
            var constructors = java.util.regex.Pattern.compile(
                            "(?m)^    (?:public |private )?" + name + "\\(([^)]*)\\)[^;]*?\\{")
                    .matcher(text);
            while (constructors.find()) {
                String parameters = constructors.group(1).replaceAll("<[^>]*>", "");
                if (parameters.split(",", -1).length > MAX_PARAMETERS) {
                    wide.add(file + ": " + parameters);
                }
            }
        }
        assertThat(wide).isEmpty();
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
