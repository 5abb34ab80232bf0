package io.pgnetty.demo;

import java.io.PrintWriter;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Prints rows as psql does. */
final class ResultPrinter {

    private ResultPrinter() {}

    static void print(ResultSet rows, PrintWriter out) throws SQLException {
        ResultSetMetaData meta = rows.getMetaData();
        String[] names = new String[meta.getColumnCount()];
        for (int c = 0; c < names.length; c++) {
            names[c] = meta.getColumnLabel(c + 1);
        }
        List<String[]> table = read(rows, names.length);
        int[] widths = IntStream.range(0, names.length)
                .map(c -> Stream.concat(Stream.of(names[c]), table.stream().map(row -> row[c]))
                        .mapToInt(String::length)
                        .max()
                        .orElse(0))
                .toArray();
        line(out, names, widths);
        out.println(
                Arrays.stream(widths).mapToObj(width -> "-".repeat(width + 2)).collect(Collectors.joining("+")));
        table.forEach(row -> line(out, row, widths));
        out.println(table.size() == 1 ? "(1 row)" : "(" + table.size() + " rows)");
        out.println();
    }

    private static List<String[]> read(ResultSet rows, int columns) throws SQLException {
        List<String[]> table = new ArrayList<>();
        while (rows.next()) {
            String[] row = new String[columns];
            for (int c = 0; c < columns; c++) {
                String value = rows.getString(c + 1);
                row[c] = value == null ? "" : value.replace("\n", "\\n");
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
