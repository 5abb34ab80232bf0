package io.pgnetty.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/** Completes the names of what is in the database: functions and tables of schema net, and of one's own. */
final class Names implements Completer {

    private static final List<String> WORDS = List.of(
            "select",
            "from",
            "where",
            "order by",
            "limit",
            "insert into",
            "values",
            "update",
            "delete from",
            "create table",
            "create trigger",
            "create function",
            "async := false",
            "max_attempts :=");

    private final Connection connection;
    private final String query;

    /**
     * Names that the query gives.
     *
     * @param query gives one column of them
     */
    Names(Connection connection, String query) {
        this.connection = connection;
        this.query = query;
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        String begun = line.word().substring(0, line.wordCursor()).toLowerCase(Locale.ROOT);
        List<String> all = new ArrayList<>(begun.startsWith("\\") ? Backslash.commands() : of(connection, query));
        if (!begun.startsWith("\\")) {
            all.addAll(WORDS);
        }
        for (String name : all) {
            if (name.startsWith(begun)) {
                // What a function takes follows its parenthesis.
                candidates.add(new Candidate(name, name, null, null, null, null, !name.endsWith("(")));
            }
        }
    }

    static List<String> of(Connection connection, String query) {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        } catch (SQLException e) {
            // The next statement says what is wrong with the connection.
            return List.of();
        }
        return names;
    }
}
