package io.pgnetty.testing;

import io.pgnetty.config.DatabaseUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A database as a test's own client sees it; each call is a session and a transaction of its own. */
public record TestDatabase(DatabaseUrl url) {

    /** Runs statements; more than one in a call are one transaction. */
    public void run(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    /** The first column of the first row, as text. */
    public String one(String sql) {
        List<List<String>> rows = rows(sql);
        if (rows.isEmpty()) {
            throw new IllegalStateException("no row: " + sql);
        }
        return rows.get(0).get(0);
    }

    /** All rows, as text. */
    public List<List<String>> rows(String sql) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            return rows(statement, sql);
        } catch (SQLException e) {
            throw new Failed(e);
        }
    }

    /** All rows of a statement in a session that goes on. */
    public static List<List<String>> rows(Statement statement, String sql) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>(columns);
                for (int c = 1; c <= columns; c++) {
                    row.add(result.getString(c));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** A session that the caller closes. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://" + url.servers().get(0).host() + ":"
                        + url.servers().get(0).port() + "/" + url.database(),
                url.user(),
                url.password());
    }

    /** The same database as another role, whose password is its name. */
    public TestDatabase as(String role) {
        return new TestDatabase(url.withLogin(role, role));
    }

    /** The URL as an option takes it. */
    public String text() {
        return "postgresql://" + url.user() + ":" + url.password() + "@"
                + url.servers().get(0).host() + ":" + url.servers().get(0).port() + "/" + url.database();
    }

    /** What the server said against a statement. */
    public static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(SQLException cause) {
            super(cause.getMessage(), cause);
        }

        public String state() {
            return ((SQLException) getCause()).getSQLState();
        }
    }
}
