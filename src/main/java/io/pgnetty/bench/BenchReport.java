package io.pgnetty.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The report: one HTML file with its data, its script and its style in it, to be opened anywhere. */
public final class BenchReport {

    private static final String CHARTS = "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";

    private BenchReport() {}

    /**
     * The file's text.
     *
     * @param json the result, as {@code --json} has it
     */
    public static String html(BenchResult result, String json) {
        return resource("/bench/report.html")
                .replace("{{title}}", "pgnetty " + result.version() + " on PostgreSQL " + result.postgres())
                .replace("{{script}}", resource(CHARTS))
                // No text of a server's may end the script that it stands in.
                .replace("{{result}}", json.replace("<", "\\u003c"));
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(BenchReport.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
