package io.pgnetty.cli;

import io.pgnetty.postgres.StatusReader.BridgeRow;
import io.pgnetty.postgres.StatusReader.Host;
import io.pgnetty.postgres.StatusReader.Status;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;

/** The status as a person reads it. */
final class StatusScreen {

    private StatusScreen() {}

    static String of(String place, Status status) {
        StringBuilder screen = new StringBuilder();
        line(screen, "database", place + (status.unlogged() ? " (unlogged tables: a crash empties the queue)" : ""));
        Double oldest = status.oldestSeconds();
        line(screen, "waiting", status.queued() + (oldest == null ? "" : ", the oldest for " + duration(oldest)));
        line(screen, "in flight", String.valueOf(status.inFlight()));
        line(
                screen,
                "later",
                status.scheduled() + " scheduled, " + status.retrying() + " retrying, " + status.behind()
                        + " behind others of their ordering_key");
        line(screen, "dead", status.dead() + (status.dead() == 0 ? "" : ": see net.dead_letter, net.redeliver"));
        line(screen, "responses", status.responses() + " kept, " + status.failed() + " of them failed");
        if (!status.paused().isEmpty()) {
            line(screen, "paused", status.paused() + " (net.resume)");
        }
        if (status.parked() > 0) {
            line(screen, "parked", status.parked() + " kept with a reason: see net.my_requests");
        }
        screen.append('\n');
        bridges(screen, status.bridges());
        hosts(screen, status.hosts());
        return screen.toString();
    }

    private static void bridges(StringBuilder screen, List<BridgeRow> bridges) {
        if (bridges.isEmpty()) {
            screen.append("No bridge serves this database. Start one with: pgnetty run --url …\n");
        } else {
            TextTable table = table(24, 12, 12, 12, 12, 12);
            table.addRowValues("bridge", "state", "in flight", "up", "seen", "version");
            for (BridgeRow bridge : bridges) {
                table.addRowValues(
                        bridge.name(),
                        bridge.state(),
                        String.valueOf(bridge.inFlight()),
                        duration(bridge.upSeconds()),
                        duration(bridge.seenSeconds()) + " ago",
                        bridge.version());
            }
            screen.append(table);
            egress(screen, bridges);
        }
    }

    /** Where they differ, a request may have to wait for one of few. */
    private static void egress(StringBuilder screen, List<BridgeRow> bridges) {
        Map<String, List<String>> names = bridges.stream()
                .filter(bridge -> !bridge.state().equals("gone") && bridge.egressAllow() != null)
                .collect(Collectors.groupingBy(
                        bridge -> "--egress-allow \"" + bridge.egressAllow() + "\" --egress-deny \""
                                + bridge.egressDeny() + "\"",
                        TreeMap::new,
                        Collectors.mapping(BridgeRow::name, Collectors.toList())));
        if (names.size() > 1) {
            screen.append("\nThe egress rules of the bridges differ; what only some may send is left to those:\n");
            names.forEach((rules, who) -> screen.append("  ")
                    .append(String.join(", ", who))
                    .append(": ")
                    .append(rules)
                    .append('\n'));
        }
    }

    private static void hosts(StringBuilder screen, List<Host> hosts) {
        if (!hosts.isEmpty()) {
            TextTable table = table(44, 12, 12, 12, 30);
            table.addRowValues("host", "waiting", "in flight", "later", "");
            hosts.forEach(host -> table.addRowValues(
                    host.host(),
                    String.valueOf(host.queued()),
                    String.valueOf(host.inFlight()),
                    String.valueOf(host.later()),
                    state(host)));
            screen.append('\n').append(table);
        }
    }

    private static String state(Host host) {
        Double broken = host.brokenSeconds();
        if (host.paused()) {
            return "paused";
        }
        return broken == null
                ? ""
                : broken > 0 ? "circuit breaker open, probe in " + duration(broken) : "circuit breaker open, probing";
    }

    private static TextTable table(int... widths) {
        Column[] columns = new Column[widths.length];
        for (int i = 0; i < widths.length; i++) {
            columns[i] = new Column(widths[i], 0, Column.Overflow.TRUNCATE);
        }
        return TextTable.forColumns(new ColorScheme.Builder(Ansi.OFF).build(), columns);
    }

    private static void line(StringBuilder screen, String name, String value) {
        screen.append(String.format(Locale.ROOT, "%-11s%s%n", name, value));
    }

    private static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 120) {
            return whole + " s";
        }
        return whole < 7200 ? whole / 60 + " min" : whole / 3600 + " h";
    }
}
