package io.pgnetty.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Arguments that nobody thought of: each call queues one request or says what is wrong, in time, and never as an error of PostgreSQL's own inside. */
class ArgumentsFuzzTest {

    private static final int CALLS = 6_000;

    /** What is said of arguments, by class: data, privileges and syntax of names, limits. */
    private static final List<String> EXPECTED = List.of("22", "23502", "42501", "54", "53400", "55000", "0A000");

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "GET",
            "post",
            "http://h.example/",
            "https://h.example:8443/a?b=c#d",
            "http://",
            "http://[::1",
            "http://a b/",
            "http://h.example/%zz",
            "http://u:p@h.example/",
            "http://\u00fc.example/",
            "ftp://h/",
            "{{secret:a}}",
            "{{secret:",
            "{{secret:a b}}",
            "http://h.example/?k={{secret:a}}",
            "http://{{secret:a}}/",
            "x\u0001y",
            "\uffff",
            "\ud83d\ude00",
            "\r\nX: y",
            "a".repeat(5_000),
            "0",
            "-1",
            "NaN",
            "null",
            "'",
            "\"",
            "\\",
            "$1",
            "%s",
            ";drop table net.http_request_queue",
            "Authorization",
            "Basic u:{{secret:a}}");

    private static final List<String> JSONS = List.of(
            "null",
            "{}",
            "[]",
            "1",
            "\"a\"",
            "true",
            "{\"a\": 1}",
            "{\"a\": null}",
            "{\"a\": [1, \"b\", null]}",
            "{\"a\": {\"b\": 1}}",
            "{\"\": \"\"}",
            "{\"Host\": \"h\"}",
            "{\"host\": [\"a\", \"b\"]}",
            "{\"Content-Length\": \"5\"}",
            "{\"A\": \"{{secret:x}}\"}",
            "{\"A\": \"{{secret:}}\"}",
            "{\"a\\u000ab\": \"c\"}",
            "{\"a\": \"b\\u000d\\u000ac\"}",
            "{\"a\": 1e400}",
            "{\"a\": \"\\u00fc\"}",
            "[[[[[[[[[[[[]]]]]]]]]]]]");

    private static final List<String> CALLED = List.of(
            "net.http_request(?::text, ?::text, ?::jsonb, ?::jsonb, ?::jsonb, ?::int, ?::text, ?::bytea, ?::int, ?::timestamptz, ?::int, ?::text, ?::text, ?::bool, ?::bool)",
            "net.http_get(?::text, ?::jsonb, ?::jsonb, ?::int)",
            "net.http_post(?::text, ?::jsonb, ?::jsonb, ?::jsonb, ?::int)",
            "net.http_delete(?::text, ?::jsonb, ?::jsonb, ?::int)",
            "net.http_collect_response(?::bigint, true)",
            "net.http_get_result(?::bigint)",
            "net.cancel(?::bigint)",
            "net.redeliver(?::bigint)",
            "net.allow_secret(?::text, ?::text, array[?::text]::name[], ?::text, ?::bool)",
            "net.disallow_secret(?::text, ?::text, ?::text)",
            "net.pause(?::text)");

    private final Random random = new Random(20_251_127);
    private final TestDatabase database = TestPostgres.shared().installed();

    @Test
    void eachCallIsTakenOrSaysWhatIsWrong() throws SQLException {
        Map<String, Integer> states = new TreeMap<>();
        List<String> strange = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement settings = connection.createStatement()) {
            settings.execute("set statement_timeout = '5s'");
            for (int i = 0; i < CALLS; i++) {
                String call = CALLED.get(random.nextInt(CALLED.size()));
                List<String> arguments = new ArrayList<>();
                String state = call(connection, call, arguments);
                states.merge(state, 1, Integer::sum);
                if (!state.equals("00000") && EXPECTED.stream().noneMatch(state::startsWith)) {
                    strange.add(state + " " + call + " " + arguments);
                }
            }
        }
        System.out.println("calls by SQLSTATE: " + states);
        assertThat(strange).isEmpty();
        assertThat(states.get("00000")).isGreaterThan(CALLS / 20);
        assertThat(states.getOrDefault("22023", 0)).isGreaterThan(CALLS / 10);
    }

    private String call(Connection connection, String call, List<String> arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select " + call)) {
            String[] parts = call.split("\\?", -1);
            for (int i = 1; i < parts.length; i++) {
                String argument = argument(parts[i]);
                arguments.add(argument);
                statement.setString(i, argument);
            }
            statement.execute();
            return "00000";
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        }
    }

    private String argument(String type) {
        if (random.nextInt(6) == 0) {
            return null;
        }
        if (type.startsWith("::jsonb")) {
            return JSONS.get(random.nextInt(JSONS.size()));
        }
        if (type.startsWith("::int") || type.startsWith("::bigint")) {
            return List.of("0", "1", "-1", "5000", "2147483647", "-2147483648").get(random.nextInt(6));
        }
        if (type.startsWith("::timestamptz")) {
            return List.of("now", "infinity", "-infinity", "2000-01-01", "294000-01-01", "4713-01-01 BC")
                    .get(random.nextInt(6));
        }
        if (type.startsWith("::bool")) {
            return random.nextBoolean() ? "t" : "f";
        }
        if (type.startsWith("::bytea")) {
            return random.nextInt(3) == 0 ? "\\x00ff" : null;
        }
        String text = TEXTS.get(random.nextInt(TEXTS.size()));
        return random.nextInt(4) == 0 ? mixed(text) : text;
    }

    private String mixed(String text) {
        StringBuilder mixed = new StringBuilder(text);
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            mixed.insert(random.nextInt(mixed.length() + 1), (char) (1 + random.nextInt(0x2ff)));
        }
        return mixed.toString();
    }
}
