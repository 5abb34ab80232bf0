package io.pgnetty.demo;

import java.io.PrintWriter;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Prints rows as psql does. */
final class ResultPrinter {

    private ResultPrinter() {}

    /**
     * Prints all rows.
     *
     * @param width how many characters a line may have until each column has one of its own, where the display says so
     * @param none what to say if there is none; empty: the names of the columns
     */
    static void print(ResultSet rows, PrintWriter out, Display display, int width, Supplier<String> none)
            throws SQLException {
        ResultSetMetaData meta = rows.getMetaData();
        String[] names = new String[meta.getColumnCount()];
        for (int c = 0; c < names.length; c++) {
            names[c] = meta.getColumnLabel(c + 1);
        }
        List<String[]> table = read(rows, names.length);
        String instead = table.isEmpty() ? none.get() : "";
        if (!instead.isEmpty()) {
            out.println(instead);
            return;
        }
        int[] widths = IntStream.range(0, names.length)
                .map(c -> Stream.concat(Stream.of(names[c]), table.stream().map(row -> row[c].replace("\n", "\\n")))
                        .mapToInt(String::length)
                        .max()
                        .orElse(0))
                .toArray();
        if (!table.isEmpty()
                && display.expands(Arrays.stream(widths).map(w -> w + 3).sum() - 1, width)) {
            expanded(names, table, out);
        } else {
            aligned(names, table, widths, out);
        }
        out.println();
    }

    private static void aligned(String[] names, List<String[]> table, int[] widths, PrintWriter out) {
        line(out, names, widths);
        out.println(
                Arrays.stream(widths).mapToObj(width -> "-".repeat(width + 2)).collect(Collectors.joining("+")));
        table.forEach(row -> line(
                out, Arrays.stream(row).map(value -> value.replace("\n", "\\n")).toArray(String[]::new), widths));
        out.println(table.size() == 1 ? "(1 row)" : "(" + table.size() + " rows)");
    }

    private static void expanded(String[] names, List<String[]> table, PrintWriter out) {
        int width = Arrays.stream(names).mapToInt(String::length).max().orElse(0);
        for (int r = 0; r < table.size(); r++) {
            String head = "-[ RECORD " + (r + 1) + " ]";
            out.println(head + "-".repeat(Math.max(0, width + 1 - head.length())) + "+----------");
            for (int c = 0; c < names.length; c++) {
                String name = names[c];
                String[] lines = table.get(r)[c].split("\n", -1);
                for (int l = 0; l < lines.length; l++) {
                    String label = String.format(Locale.ROOT, "%-" + width + "s | ", l == 0 ? name : "");
                    out.println((label + lines[l]).stripTrailing());
                }
            }
        }
    }

    private static List<String[]> read(ResultSet rows, int columns) throws SQLException {
        List<String[]> table = new ArrayList<>();
        while (rows.next()) {
            String[] row = new String[columns];
            for (int c = 0; c < columns; c++) {
                String value = rows.getString(c + 1);
                row[c] = value == null ? "" : value;
            }
            table.add(row);
        }
        return table;
    }

    private static void line(PrintWriter out, String[] values, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int c = 0; c < values.length; c++) {
            line.append(c == 0 ? " " : "| ")
                    .append(String.format(Locale.ROOT, "%-" + Math.max(1, widths[c]) + "s ", values[c]));
        }
        out.println(line.toString().stripTrailing());
    }
}
