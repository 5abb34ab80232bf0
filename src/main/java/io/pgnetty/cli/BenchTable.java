package io.pgnetty.cli;

import io.pgnetty.bench.BenchResult;
import io.pgnetty.bench.BenchResult.Cost;
import io.pgnetty.bench.BenchResult.Latencies;
import io.pgnetty.bench.BenchResult.Round;
import io.pgnetty.bench.BenchResult.Senders;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;

/** What was measured, as a person reads it. */
final class BenchTable {

    private BenchTable() {}

    static String of(String place, BenchResult result) {
        return String.format(
                Locale.ROOT,
                "%nPostgreSQL %s at %s, %s; pgnetty %s over %s; medians of %d rounds%n%n%s",
                result.postgres(),
                place,
                result.machine(),
                result.version(),
                result.plan().http2() ? "HTTP/2" : "HTTP/1.1",
                result.rounds().size(),
                table(result));
    }

    private static TextTable table(BenchResult result) {
        TextTable table = TextTable.forColumns(
                new ColorScheme.Builder(Ansi.OFF).build(),
                new Column(44, 0, Column.Overflow.TRUNCATE),
                new Column(14, 0, Column.Overflow.TRUNCATE),
                new Column(50, 0, Column.Overflow.TRUNCATE));
        Round median = result.median();
        requests(table, median);
        table.addRowValues("the database, for each request", "processor", "WAL");
        cost(table, "end to end", median.endToEndCost());
        cost(table, "the SQL alone", median.sqlCost());
        senders(table, result);
        table.addRowValues("milliseconds", "p50", "p99");
        latencies(table, "one by one", median.atRest());
        latencies(table, result.plan().requests() + " at once", median.flooded());
        return table;
    }

    private static void requests(TextTable table, Round median) {
        table.addRowValues("requests per second", "", "");
        table.addRowValues(
                "  end to end, queued to recorded",
                rate(median.endToEnd()),
                share(median.ofClient(), "of the client alone"));
        table.addRowValues("  the HTTP client alone", rate(median.client()), "");
        table.addRowValues("  the SQL alone", rate(median.sql()), "");
    }

    private static void senders(TextTable table, BenchResult result) {
        Senders senders = result.median().senders();
        table.addRowValues("commits per second", "", result.plan().senders() + " senders, the bridge running");
        table.addRowValues("  net.http_post", rate(senders.post()), share(senders.ofPlain(), "of the plain insert"));
        table.addRowValues(
                "  net.http_post, nothing delivered",
                rate(senders.paused()),
                share(senders.pausedOfPlain(), "of the plain insert"));
        table.addRowValues("  a plain insert of the same row", rate(senders.plain()), "");
        table.addRowValues(
                "  that insert with pg_notify",
                rate(senders.notified()),
                share(senders.ofNotified(), "times this is net.http_post"));
    }

    private static void latencies(TextTable table, String what, Latencies latencies) {
        table.addRowValues("  " + what + ", queued to sent", millis(latencies.sentP50()), millis(latencies.sentP99()));
        table.addRowValues(
                "  " + what + ", queued to recorded", millis(latencies.recordedP50()), millis(latencies.recordedP99()));
    }

    private static void cost(TextTable table, String what, Cost cost) {
        table.addRowValues(
                "  " + what,
                // Where the server's processes cannot be seen.
                cost.micros() == null ? "unknown" : String.format(Locale.ROOT, "%.0f us", cost.micros()),
                String.format(Locale.ROOT, "%,.0f bytes", cost.wal()));
    }

    private static String rate(double perSecond) {
        return String.format(Locale.ROOT, "%,.0f", perSecond);
    }

    private static String share(double share, String what) {
        return String.format(Locale.ROOT, "%.2f %s", share, what);
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, "%.1f", millis);
    }
}
