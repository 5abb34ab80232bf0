package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** House rules for {@code sql/}. */
@Tag("quick")
class SqlFilesTest {

    @Test
    void filesAreAsciiSoThatTheyInstallInAnyEncoding() throws IOException {
        for (Path file : files("")) {
            assertThat(Files.readString(file).chars()).as(file.toString()).allMatch(c -> c < 128);
        }
    }

    @Test
    void everyFileSaysWhatItIs() throws IOException {
        for (Path file : files("")) {
            assertThat(Files.readString(file)).as(file.toString()).startsWith("-- ");
        }
        Map<String, String> whoMayCall =
                Map.of("api", "public|owner", "internal", "helper|private", "base", "public|helper|private");
        for (var folder : whoMayCall.entrySet()) {
            for (Path file : files(folder.getKey())) {
                // What is granted is read off this line (Schema).
                assertThat(Files.readString(file))
                        .as(file.toString())
                        .containsPattern("\\A-- API: (" + folder.getValue() + ")\n");
            }
        }
    }

    @Test
    void everyStatementOnTablesNamesItsIndexOrItsSize() throws IOException {
        for (Path file : files("statements")) {
            String sql = Files.readString(file);
            if (sql.matches("(?s).*(from|into|update|join) net\\..*")) {
                assertThat(sql).as(file.toString()).containsPattern("(?i)index|one row|one step");
            }
        }
    }

    @Test
    void definersPinTheirSearchPath() throws IOException {
        for (Path file : files("")) {
            String sql = Files.readString(file);
            if (sql.contains("security definer")) {
                assertThat(sql).as(file.toString()).contains("set search_path = pg_catalog, pg_temp");
            }
        }
    }

    /** The price that forbids a scan is above jit_above_cost, and compiling takes seconds. */
    @Test
    void whoForbidsAScanForbidsCompiling() throws IOException {
        for (Path file : files("")) {
            String sql = Files.readString(file);
            if (sql.contains("set enable_")) {
                assertThat(sql).as(file.toString()).contains("set jit = off");
            }
        }
    }

    /** The steps of the schema are history; all else can be read at one sitting. */
    @Test
    void noFileIsLong() throws IOException {
        for (Path file : files("")) {
            if (!file.startsWith("sql/schema")) {
                assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(230);
            }
        }
    }

    @Test
    void noSqlStandsInJava() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                // Examples that the demo prints for a person are no statements of ours.
                if (!file.toString().contains("/demo/")) {
                    assertThat(Files.readString(file))
                            .as(file.toString())
                            .doesNotContainPattern(
                                    "(?i)\"[^\"\n]*(select .* from |insert into |update .* set |delete from )[^\"\n]*\"");
                }
            }
        }
    }

    private static List<Path> files(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("sql", folder))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
