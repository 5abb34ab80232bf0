package io.pgnetty.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OrderHookTest {

    @RegisterExtension
    static final PgnettyExtension pgnetty = PgnettyExtension.embedded();

    @BeforeEach
    void schema() throws SQLException {
        // An application runs its migrations here, against pgnetty.jdbcUrl().
        run("drop table if exists orders");
        run("create table orders (id int primary key, status text)");
        run("select net.create_webhook('paid', 'orders', '{update}', '"
                + pgnetty.target().url("/paid") + "', condition => 'new.status = ''paid''')");
    }

    @Test
    void aPaidOrderIsToldOnceTheShopIsBack() throws SQLException {
        pgnetty.target().answer("/paid", Answer.of(503), Answer.of(200));

        run("insert into orders values (7, 'new')");
        run("update orders set status = 'paid' where id = 7");

        Received first = pgnetty.target().take();
        Received second = pgnetty.target().take();
        assertTrue(first.body().contains("\"record\" : {\"id\":7,\"status\":\"paid\"}"), first::body);
        assertEquals(first.body(), second.body());
        assertEquals(first.header("Idempotency-Key"), second.header("Idempotency-Key"));
    }

    @Test
    void theAnswerIsThere() throws SQLException {
        pgnetty.target().answer("/stock", Answer.of(200, "{\"left\": 3}"));

        long id = number("select net.http_get('" + pgnetty.target().url("/stock") + "')");

        RequestResult result = pgnetty.await(id);
        assertEquals(Optional.of(200), result.statusCode(), result::toString);
        assertEquals(Optional.of("{\"left\": 3}"), result.body());
    }

    private static void run(String sql) throws SQLException {
        try (Connection connection = pgnetty.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long number(String sql) throws SQLException {
        try (Connection connection = pgnetty.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }
}
