package io.pgnetty.demo;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;

/** Runs statements, each in its own transaction, and prints what comes back. */
final class Session {

    private static final double NANOS_PER_MILLI = 1e6;

    private static final Pattern COMMIT = Pattern.compile("(?i)\\s*(commit|end)\\b");

    private final Connection connection;
    private final Input input;
    private final PrintWriter out;
    private final Display display;
    private final Suggestions suggestions;
    private boolean failed;

    Session(Connection connection, Input input, PrintWriter out, Display display, Suggestions suggestions) {
        this.connection = connection;
        this.input = input;
        this.out = out;
        this.display = display;
        this.suggestions = suggestions;
    }

    /** Of a transaction that is open, as psql marks it. */
    String transactionMark() {
        return switch (transaction()) {
            case IDLE -> "";
            case OPEN -> "*";
            case FAILED -> "!";
        };
    }

    private TransactionState transaction() {
        try {
            return connection.unwrap(BaseConnection.class).getTransactionState();
        } catch (SQLException e) {
            // The next statement says what is wrong with the connection.
            return TransactionState.IDLE;
        }
    }

    /** Whether a statement failed. */
    boolean failed() {
        return failed;
    }

    /** Runs a statement of the person's. */
    void run(String sql) {
        run(sql, true, () -> "");
    }

    /**
     * Runs one of the prompt's own, whose text nobody has typed.
     *
     * @param none what to say instead if there are no rows
     */
    void list(String sql, Supplier<String> none) {
        run(sql, false, none);
    }

    /** Runs one; Ctrl-C cancels it. */
    private void run(String sql, boolean typed, Supplier<String> none) {
        long start = System.nanoTime();
        try (Statement statement = connection.createStatement()) {
            // What is in braces is the statement's own.
            statement.setEscapeProcessing(false);
            input.cancellable(() -> execute(statement, sql, typed, none), () -> cancel(statement));
        } catch (SQLException e) {
            failed(e, sql, typed);
        }
        if (display.timing()) {
            out.printf(Locale.ROOT, "Time: %.3f ms%n", (System.nanoTime() - start) / NANOS_PER_MILLI);
        }
        out.flush();
    }

    private void execute(Statement statement, String sql, boolean typed, Supplier<String> none) {
        TransactionState before = transaction();
        try {
            boolean hasRows = statement.execute(sql);
            notices(statement.getWarnings());
            if (hasRows) {
                ResultPrinter.print(statement.getResultSet(), out, display, input.width(), none);
            } else {
                out.println(done(sql, before, statement.getUpdateCount()));
            }
        } catch (SQLException e) {
            failed(e, sql, typed);
        }
    }

    /** A commit of a transaction that has failed succeeds, and rolls it back. */
    private String done(String sql, TransactionState before, int count) {
        if (before == TransactionState.FAILED && COMMIT.matcher(sql).lookingAt()) {
            return "ROLLBACK";
        }
        return count > 0 ? "OK, " + count + (count == 1 ? " row" : " rows") : "OK";
    }

    private void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException e) {
            out.println("It could not be cancelled: " + e.getMessage());
            out.flush();
        }
    }

    private void notices(@Nullable SQLWarning first) {
        for (SQLWarning notice = first; notice != null; notice = notice.getNextWarning()) {
            notice(notice);
        }
    }

    private void notice(SQLWarning notice) {
        ServerErrorMessage message = notice instanceof PSQLWarning w ? w.getServerErrorMessage() : null;
        if (message == null) {
            out.println("WARNING:  " + notice.getMessage());
        } else {
            said(message.getSeverity(), message);
        }
    }

    private void failed(SQLException error, String sql, boolean typed) {
        failed = true;
        ServerErrorMessage message = error instanceof PSQLException e ? e.getServerErrorMessage() : null;
        if (message == null) {
            out.println("ERROR:  " + error.getMessage());
            return;
        }
        out.println("ERROR:  " + message.getMessage());
        Optional<String> meant = typed ? suggestions.of(error.getSQLState(), message.getMessage()) : Optional.empty();
        if (typed && message.getPosition() > 0) {
            out.print(position(sql, message.getPosition()));
        } else if (typed && !input.isTyped()) {
            out.println("STATEMENT:  " + sql.strip().replaceFirst("(?s)\n.*", " ..."));
        }
        detail(message);
        // PostgreSQL's own hint for a function is about casts.
        meant.or(() -> Optional.ofNullable(message.getHint())).ifPresent(text -> out.println("HINT:  " + text));
    }

    private void said(@Nullable String severity, ServerErrorMessage message) {
        out.println(severity + ":  " + message.getMessage());
        detail(message);
        if (message.getHint() != null) {
            out.println("HINT:  " + message.getHint());
        }
    }

    private void detail(ServerErrorMessage message) {
        if (message.getDetail() != null) {
            out.println("DETAIL:  " + message.getDetail());
        }
    }

    /** The line that the error is in, and under it a caret at its place, which is counted from 1, in code points. */
    static String position(String sql, int place) {
        int at = sql.offsetByCodePoints(0, Math.min(place - 1, sql.codePointCount(0, sql.length())));
        int from = sql.lastIndexOf('\n', at - 1) + 1;
        int to = sql.indexOf('\n', at);
        long number = sql.substring(0, from).chars().filter(c -> c == '\n').count() + 1;
        String head = "LINE " + number + ": ";
        return head + sql.substring(from, to < 0 ? sql.length() : to) + System.lineSeparator()
                + " ".repeat(head.length() + at - from) + "^" + System.lineSeparator();
    }
}
