package io.pgnetty.life;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.BridgeProcess;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code bench}, small. */
class BenchIT {

    private static final String DATABASES = "select count(*) from pg_database where datname = 'pgnetty_bench'";

    @TempDir
    private Path folder;

    @Test
    void measuresAndLeavesNothingBehind() throws IOException {
        TestDatabase database = TestPostgres.shared().empty();
        Path json = folder.resolve("bench.json");
        Path html = folder.resolve("bench.html");
        try (BridgeProcess bench = bench(
                database,
                "--rounds",
                "2",
                "--requests",
                "500",
                "--senders",
                "4",
                "--time",
                "200ms",
                "--json",
                json.toString(),
                "--html",
                html.toString())) {
            assertThat(bench.exitCode()).as(bench.log()).isZero();
            assertThat(bench.log())
                    .contains(
                            "end to end, queued to recorded", "the SQL alone", "net.http_post", "medians of 2 rounds");
        }
        JsonNode result = JsonMapper.shared().readTree(Files.readString(json));
        assertThat(result.get("rounds")).hasSize(2);
        JsonNode median = result.get("median");
        for (String figure : List.of("client", "sql", "end_to_end", "of_client")) {
            assertThat(median.get(figure).asDouble()).as(figure).isPositive();
        }
        for (String figure :
                List.of("post", "paused", "plain", "notified", "of_plain", "paused_of_plain", "of_notified")) {
            assertThat(median.get("senders").get(figure).asDouble()).as(figure).isPositive();
        }
        for (String when : List.of("at_rest", "flooded")) {
            JsonNode latencies = median.get(when);
            assertThat(latencies.get("recorded_p50").asDouble()).isPositive();
            assertThat(latencies.get("recorded_p99").asDouble())
                    .isGreaterThanOrEqualTo(latencies.get("recorded_p50").asDouble());
            assertThat(latencies.get("sent_p50").asDouble())
                    .isLessThanOrEqualTo(latencies.get("recorded_p50").asDouble());
        }
        for (String what : List.of("sql_cost", "end_to_end_cost")) {
            // Of its claim, its response and what goes with them.
            assertThat(median.get(what).get("wal").asDouble()).as(what).isBetween(300.0, 5_000.0);
            // The server is on this machine.
            assertThat(median.get(what).get("micros").asDouble()).as(what).isPositive();
        }
        // All of them, and none of the warm-up's.
        int recorded = 0;
        for (JsonNode tenth : result.get("over_time")) {
            recorded += tenth.asInt();
        }
        assertThat(recorded).isEqualTo(500);

        String report = Files.readString(html);
        assertThat(report)
                .contains("new Chart(", "Throughput over time")
                .doesNotContain("{{", "src=\"http", "href=\"http");
        assertThat(database.one(DATABASES)).isEqualTo("0");
    }

    @Test
    void measuresHttp2() {
        try (BridgeProcess bench = bench(
                TestPostgres.shared().empty(),
                "--http2",
                "--rounds",
                "1",
                "--requests",
                "200",
                "--senders",
                "2",
                "--time",
                "200ms")) {
            assertThat(bench.exitCode()).as(bench.log()).isZero();
            assertThat(bench.log()).contains("over HTTP/2; medians of 1 rounds");
        }
    }

    @Test
    void saysWhatIsWrongBeforeItMeasures() {
        TestDatabase database = TestPostgres.shared().empty();
        try (BridgeProcess bench = bench(database, "--rounds", "0")) {
            assertThat(bench.exitCode()).isEqualTo(2);
            assertThat(bench.log()).contains("--rounds must be from 1 to 99");
        }
        try (BridgeProcess bench = bench(database, "--json", "/nowhere/at/all.json")) {
            assertThat(bench.exitCode()).isEqualTo(2);
            assertThat(bench.log()).contains("--json", "cannot be written");
        }
        database.run("drop role if exists poor; create role poor login password 'poor'");
        try (BridgeProcess bench = bench(database.as("poor"))) {
            assertThat(bench.exitCode()).isEqualTo(1);
            assertThat(bench.log()).contains("permission denied to create database");
        }
        assertThat(database.one(DATABASES)).isEqualTo("0");
    }

    private static BridgeProcess bench(TestDatabase database, String... options) {
        String[] arguments = new String[options.length + 3];
        arguments[0] = "bench";
        arguments[1] = "--url";
        arguments[2] = database.text();
        System.arraycopy(options, 0, arguments, 3, options.length);
        return BridgeProcess.launch(Map.of(), arguments);
    }
}
