package io.pgnetty.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.CuttableProxy;
import io.pgnetty.testing.Promtool;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a scraper gets: names, types and labels, and what they say when something is wrong. */
class MetricsTest {

    /** One for all: each keeps its connection, and the server takes 128. */
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z_0-9]+)(?:\\{([^}]*)})? (\\S+)$");

    /** Connections that hang are given up after up to this time. */
    private static final Duration LOST = Duration.ofSeconds(60);

    private final TestDatabase database = TestPostgres.shared().installed();

    @Test
    void namesTypesAndLabelsArePinned() throws IOException, InterruptedException {
        try (Target target = new Target().respond("/", 500, Map.of(), new byte[0]);
                TestBridge bridge = TestBridge.start(database)) {
            database.run("select net.http_get('" + target.url("/") + "')");
            awaitAnswers(1);
            awaitCounts(bridge);
            assertThat(shape(scrape(bridge, "text/plain")))
                    .isEqualTo(Files.readString(Path.of("src/test/resources/metrics/metrics.txt")));
        }
    }

    /** One line for each of ours: its name, its type and its labels. */
    private static String shape(String text) {
        Map<String, String> types = new TreeMap<>();
        Pattern.compile("(?m)^# TYPE (pgnetty_\\S+) (\\S+)$")
                .matcher(text)
                .results()
                .forEach(type -> types.put(type.group(1), type.group(2)));
        StringBuilder lines = new StringBuilder();
        types.forEach((name, type) -> lines.append(name)
                .append(' ')
                .append(type)
                .append(labels(text, name))
                .append('\n'));
        return lines.toString();
    }

    private static String labels(String text, String metric) {
        TreeSet<String> labels = new TreeSet<>();
        Matcher samples = SAMPLE.matcher(text);
        while (samples.find()) {
            if (samples.group(2) != null
                    && samples.group(1).replaceFirst("_bucket$", "").equals(metric)) {
                Arrays.stream(samples.group(2).split(",", -1)).forEach(label -> labels.add(label.split("=", -1)[0]));
            }
        }
        return labels.isEmpty() ? "" : " " + String.join(",", labels);
    }

    @Test
    void promtoolHasNothingToSay() throws IOException, InterruptedException {
        assumeTrue(Promtool.installed(), "no promtool on this machine");
        try (TestBridge bridge = TestBridge.start(database)) {
            database.run("select net.http_get('http://127.0.0.1:1/')");
            awaitAnswers(1);
            Promtool.Said said = Promtool.run(scrape(bridge, "text/plain"), "check", "metrics");
            assertThat(said.text()).isEmpty();
            assertThat(said.code()).isZero();
        }
    }

    /** 0 would say that nothing waits, and that all is well. */
    @Test
    void whatTheDatabaseSaysIsUnknownWhileItIsAway() throws IOException, InterruptedException {
        List<String> counted = List.of(
                "pgnetty_queue_depth",
                "pgnetty_queue_oldest_due_seconds",
                "pgnetty_dead_letters",
                "pgnetty_bridges",
                "pgnetty_paused",
                "pgnetty_queued",
                "pgnetty_circuit_breakers_open");
        try (CuttableProxy proxy =
                        new CuttableProxy(database.url().servers().get(0).port());
                TestBridge bridge = TestBridge.start(
                        database,
                        Map.of(
                                Setting.URL,
                                database.text()
                                        .replace(
                                                ":"
                                                        + database.url()
                                                                .servers()
                                                                .get(0)
                                                                .port() + "/",
                                                ":" + proxy.port() + "/")))) {
            database.run("select net.pause('example.com')");
            awaitCounts(bridge);
            assertThat(values(bridge)).containsEntry("pgnetty_bridges", 1.0).containsEntry("pgnetty_ready", 1.0);

            proxy.cut();
            Awaitility.await()
                    .atMost(LOST)
                    .untilAsserted(() -> assertThat(values(bridge))
                            .containsEntry("pgnetty_ready", 0.0)
                            .containsEntry("pgnetty_listening", 0.0)
                            .containsAllEntriesOf(all(counted, Double.NaN)));
            double before = values(bridge).get("pgnetty_depth_age_seconds");
            Awaitility.await().until(() -> values(bridge).get("pgnetty_depth_age_seconds") > before + 0.1);

            proxy.heal();
            awaitCounts(bridge);
            Awaitility.await()
                    .atMost(LOST)
                    .untilAsserted(() -> assertThat(values(bridge))
                            .containsEntry("pgnetty_ready", 1.0)
                            .containsEntry("pgnetty_paused", 1.0));
        }
    }

    @Test
    void limitsAreThose() throws IOException, InterruptedException {
        try (TestBridge bridge =
                TestBridge.start(database, Map.of(Setting.CONCURRENCY, "7", Setting.MAX_QUEUED, "1234"))) {
            assertThat(values(bridge))
                    .containsEntry("pgnetty_concurrency_limit", 7.0)
                    .containsEntry("pgnetty_queue_limit", 1234.0);
        }
    }

    private static Map<String, Double> all(List<String> names, double value) {
        Map<String, Double> all = new TreeMap<>();
        names.forEach(name -> all.put(name, value));
        return all;
    }

    private void awaitAnswers(int count) {
        Awaitility.await()
                .until(() ->
                        database.one("select count(*) from net._http_response").equals(String.valueOf(count)));
    }

    /** The first count, or the first after the database came back. */
    private static void awaitCounts(TestBridge bridge) {
        Awaitility.await()
                .atMost(LOST)
                .until(() -> !values(bridge).get("pgnetty_queue_depth").isNaN());
    }

    /** Those of ours that have no labels. */
    private static Map<String, Double> values(TestBridge bridge) throws IOException, InterruptedException {
        Map<String, Double> values = new TreeMap<>();
        Matcher samples = SAMPLE.matcher(scrape(bridge, "text/plain"));
        while (samples.find()) {
            if (samples.group(2) == null && samples.group(1).startsWith("pgnetty_")) {
                values.put(samples.group(1), Double.valueOf(samples.group(3).replace("+Inf", "Infinity")));
            }
        }
        return values;
    }

    private static String scrape(TestBridge bridge, String accept) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + bridge.adminPort() + "/metrics");
        return CLIENT.send(
                        HttpRequest.newBuilder(uri).header("Accept", accept).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
