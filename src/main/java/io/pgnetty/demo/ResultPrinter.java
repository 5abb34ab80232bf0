package io.pgnetty.demo;

import java.io.PrintWriter;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints rows as psql does. */
final class ResultPrinter {

    private ResultPrinter() {}

    static void print(ResultSet rows, PrintWriter out) throws SQLException {
        ResultSetMetaData meta = rows.getMetaData();
        int columns = meta.getColumnCount();
        List<String[]> table = new ArrayList<>();
        String[] names = new String[columns];
        for (int c = 0; c < columns; c++) {
            names[c] = meta.getColumnLabel(c + 1);
        }
        while (rows.next()) {
            String[] row = new String[columns];
            for (int c = 0; c < columns; c++) {
                String value = rows.getString(c + 1);
                row[c] = value == null ? "" : value.replace("\n", "\\n");
            }
            table.add(row);
        }
        int[] widths = new int[columns];
        for (int c = 0; c < columns; c++) {
            widths[c] = names[c].length();
            for (String[] row : table) {
                widths[c] = Math.max(widths[c], row[c].length());
            }
        }
        line(out, names, widths);
        StringBuilder rule = new StringBuilder();
        for (int c = 0; c < columns; c++) {
            rule.append(c == 0 ? "" : "+").append("-".repeat(widths[c] + 2));
        }
        out.println(rule);
        table.forEach(row -> line(out, row, widths));
        out.println(table.size() == 1 ? "(1 row)" : "(" + table.size() + " rows)");
        out.println();
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
