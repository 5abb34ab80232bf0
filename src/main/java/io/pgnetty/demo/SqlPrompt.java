package io.pgnetty.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** A small psql: reads statements, runs each in its own transaction, prints what comes back. */
final class SqlPrompt {

    private final Connection connection;
    private final BufferedReader in;
    private final PrintWriter out;
    private final boolean interactive;
    private boolean failed;

    SqlPrompt(Connection connection, BufferedReader in, PrintWriter out, boolean interactive) {
        this.connection = connection;
        this.in = in;
        this.out = out;
        this.interactive = interactive;
    }

    /**
     * Runs until {@code \q} or the end of the input.
     *
     * @return whether every statement succeeded
     */
    boolean run() throws IOException {
        SqlSplitter splitter = new SqlSplitter();
        prompt(splitter);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String word = line.strip();
            if (word.equals("\\q") || (!splitter.open() && (word.equals("exit") || word.equals("quit")))) {
                return !failed;
            }
            if (word.startsWith("\\") || (!splitter.open() && word.equals("help"))) {
                out.println("Only SQL statements, each ended by a semicolon, and \\q to end the demo.");
                splitter = new SqlSplitter();
                prompt(splitter);
                continue;
            }
            splitter.add(line);
            for (Optional<String> next = splitter.next(); next.isPresent(); next = splitter.next()) {
                execute(next.get());
            }
            prompt(splitter);
        }
        // A last statement needs no semicolon; a comment alone is none.
        if (splitter.open() && !splitter.rest().startsWith("--")) {
            execute(splitter.rest());
        }
        return !failed;
    }

    private void prompt(SqlSplitter splitter) {
        if (interactive) {
            out.print(splitter.open() ? "demo-> " : "demo=> ");
        }
        out.flush();
    }

    private void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                ResultPrinter.print(statement.getResultSet(), out);
            } else {
                int count = statement.getUpdateCount();
                out.println(count > 0 ? "OK, " + count + (count == 1 ? " row" : " rows") : "OK");
            }
        } catch (SQLException e) {
            failed = true;
            error(e);
        }
        out.flush();
    }

    private void error(SQLException error) {
        ServerErrorMessage message = error instanceof PSQLException e ? e.getServerErrorMessage() : null;
        out.println("ERROR:  " + (message == null ? error.getMessage() : message.getMessage()));
        if (message != null && message.getDetail() != null) {
            out.println("DETAIL:  " + message.getDetail());
        }
        if (message != null && message.getHint() != null) {
            out.println("HINT:  " + message.getHint());
        }
    }
}
