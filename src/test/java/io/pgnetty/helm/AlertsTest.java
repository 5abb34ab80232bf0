package io.pgnetty.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnetty.testing.Promtool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The alerts: they fire when they should, on metrics that there are, and each is explained. */
@Tag("quick")
class AlertsTest {

    private static final Path ALERTS = Chart.FOLDER.resolve("files/alerts.yaml");
    private static final Path DASHBOARD = Chart.FOLDER.resolve("files/dashboard.json");
    private static final Path TESTS = Path.of("src/test/resources/alerts/alerts_test.yaml");

    @Test
    void theyFireWhenTheyShould() {
        assumeTrue(Promtool.installed(), "no promtool on this machine");
        Promtool.Said said = Promtool.run("", "test", "rules", TESTS.toString());
        assertThat(said.code()).as(said.text()).isZero();
    }

    @Test
    void eachIsTestedBothWays() throws IOException {
        String tests = Files.readString(TESTS);
        for (String alert : alerts()) {
            assertThat(tests)
                    .contains("{alertname: " + alert + ", eval_time: 5h}")
                    .contains("- alertname: " + alert + "\n");
        }
    }

    @Test
    void eachHasItsSectionInTheRunbook() throws IOException {
        String runbook = Files.readString(Path.of("docs/runbook.md"));
        List<String> sections = found("(?m)^## (\\S+)$", runbook);
        assertThat(sections).containsExactlyElementsOf(alerts());
        assertThat(found("runbook_url: docs/runbook.md#(\\S+)", Files.readString(ALERTS)))
                .containsExactlyElementsOf(alerts().stream()
                        .map(alert -> alert.toLowerCase(java.util.Locale.ROOT))
                        .toList());
    }

    @Test
    void alertsAndDashboardUseMetricsThatThereAre() throws IOException {
        Set<String> known =
                found("(?m)^(pgnetty_\\S+)", Files.readString(Path.of("src/test/resources/metrics/metrics.txt")))
                        .stream()
                        .collect(Collectors.toCollection(TreeSet::new));
        for (Path file : List.of(ALERTS, DASHBOARD)) {
            assertThat(found("(pgnetty_[a-z_]+)", Files.readString(file)).stream()
                            .map(name -> name.replaceFirst("_(bucket|sum|count)$", ""))
                            .collect(Collectors.toSet()))
                    .isSubsetOf(known);
        }
    }

    private static List<String> alerts() {
        List<String> alerts = new ArrayList<>();
        for (Object group : (List<?>) Chart.load(ALERTS).get("groups")) {
            for (Object rule : (List<?>) ((Map<?, ?>) group).get("rules")) {
                alerts.add(String.valueOf(((Map<?, ?>) rule).get("alert")));
            }
        }
        return alerts;
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }
}
