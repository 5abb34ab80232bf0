package io.pgnetty.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The chart's README has each value, with the default and the words of values.yaml. */
@Tag("quick")
class ChartReadmeTest {

    private final String readme = read("README.md");
    private final String values = read("values.yaml");

    @Test
    void eachValueHasItsRow() {
        List<String> paths = new ArrayList<>();
        leaves(Chart.load(Chart.FOLDER.resolve("values.yaml")), "", paths);
        assertThat(paths).allSatisfy(path -> assertThat(readme).contains("| `" + path + "` | `"));
        assertThat(Pattern.compile("(?m)^\\| `([^`]+)` \\| `")
                        .matcher(readme)
                        .results()
                        .map(row -> row.group(1)))
                .containsExactlyElementsOf(paths);
    }

    @Test
    void itsWordsAreThoseOfTheValues() {
        String words = values.replaceAll("\n *# (?!--)", " ");
        Pattern.compile("(?m)^ *# -- (.*)$")
                .matcher(words)
                .results()
                .forEach(comment -> assertThat(readme).contains("| " + comment.group(1) + " |"));
    }

    private static void leaves(Map<?, ?> values, String prefix, List<String> paths) {
        values.forEach((key, value) -> {
            if (value instanceof Map<?, ?> map && !map.isEmpty()) {
                leaves(map, prefix + key + ".", paths);
            } else {
                paths.add(prefix + key);
            }
        });
    }

    private static String read(String file) {
        try {
            return Files.readString(Chart.FOLDER.resolve(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
