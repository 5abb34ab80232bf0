package io.pgnetty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The docs as a reader finds them. */
@Tag("quick")
class DocsTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(#[^)\\s]*)?\\)");

    @Test
    void theReadmeIsShort() throws IOException {
        assertThat(Files.readAllLines(Path.of("README.md"))).hasSizeLessThanOrEqualTo(120);
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult link :
                    LINK.matcher(Files.readString(page)).results().toList()) {
                if (link.group(1).startsWith("http")) {
                    continue;
                }
                Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
                if (!Files.exists(target)
                        || link.group(2) != null
                                && !anchors(target).contains(link.group(2).substring(1))) {
                    broken.add(page + ": " + link.group());
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    /** A promise without its test is none. */
    @Test
    void everyTestThatAPageNamesIsThere() throws IOException {
        Pattern name = Pattern.compile("`([A-Z][A-Za-z0-9]+(?:Test|IT))`");
        try (Stream<Path> sources = Files.walk(Path.of("src/test/java"))) {
            List<String> tests = sources.map(
                            file -> file.getFileName().toString().replace(".java", ""))
                    .toList();
            for (Path page : pages()) {
                if (!page.endsWith("CHANGELOG.md")) {
                    assertThat(name.matcher(Files.readString(page)).results().map(match -> match.group(1)))
                            .as(page.toString())
                            .allMatch(tests::contains);
                }
            }
        }
    }

    /** Printed without its imports. */
    @Test
    void theExampleForTestsIsOneOfOurs() throws IOException {
        String test = Files.readString(Path.of("src", "test", "java", "io", "pgnetty", "junit", "OrderHookTest.java"));
        assertThat(Files.readString(Path.of("docs", "testing.md")))
                .contains("```java\n" + test.substring(test.indexOf("class OrderHookTest")) + "```");
    }

    /** The names that the field has, and not those that this project had before. */
    @Test
    void theWordsAreTheFields() throws IOException {
        Pattern old = Pattern.compile("(?i)\\b(bell|on duty|asleep|anew|seldom|dearer|slow poll)\\b");
        for (Path page : pages()) {
            if (!page.endsWith("CHANGELOG.md")) {
                assertThat(old.matcher(Files.readString(page)).results().map(MatchResult::group))
                        .as(page.toString())
                        .isEmpty();
            }
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            return Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
                                    .map(Path::of),
                            docs.filter(path -> path.toString().endsWith(".md")))
                    .toList();
        }
    }

    private static List<String> anchors(Path page) throws IOException {
        return Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 -]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toList());
    }
}
