package io.pgnetty.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What docs/pg_net.md says is the same. */
class PgNetNamesTest {

    private final TestDatabase database = TestPostgres.shared().installed();

    @Test
    void tablesBeginWithItsColumns() {
        assertThat(columns("http_request_queue", 6))
                .isEqualTo("id bigint, method text, url text, headers jsonb, body bytea, timeout_milliseconds integer");
        assertThat(columns("_http_response", 8))
                .isEqualTo("id bigint, status_code integer, content_type text, headers jsonb, content text,"
                        + " timed_out boolean, error_msg text, created timestamp with time zone");
    }

    private String columns(String table, int first) {
        return database.one("select string_agg(attname || ' ' || format_type(atttypid, null), ', ' order by attnum)"
                + " from pg_attribute where attrelid = 'net." + table + "'::regclass and attnum between 1 and "
                + first);
    }

    @Test
    void functionsBeginWithItsArguments() {
        for (List<String> function : List.of(
                List.of("http_get", "url text, params jsonb, headers jsonb, timeout_milliseconds integer", "bigint"),
                List.of(
                        "http_post",
                        "url text, body jsonb, params jsonb, headers jsonb, timeout_milliseconds integer",
                        "bigint"),
                List.of(
                        "http_delete",
                        "url text, params jsonb, headers jsonb, timeout_milliseconds integer, body jsonb",
                        "bigint"),
                List.of("_http_collect_response", "request_id bigint, async boolean", "net.http_response_result"),
                List.of("worker_restart", "", "boolean"),
                List.of("wake", "", "void"),
                List.of("check_worker_is_up", "", "void"),
                List.of("wait_until_running", "", "void"),
                List.of("_urlencode_string", "string character varying", "text"),
                List.of("_encode_url_with_params_array", "url text, params_array text[]", "text"))) {
            assertThat(database.rows("select pg_get_function_identity_arguments(oid), pg_get_function_result(oid)"
                            + " from pg_proc where pronamespace = 'net'::regnamespace and proname = '" + function.get(0)
                            + "'"))
                    .as(function.get(0))
                    .singleElement()
                    .satisfies(row -> {
                        assertThat(row.get(0)).startsWith(function.get(1));
                        assertThat(row.get(1)).isEqualTo(function.get(2));
                    });
        }
    }

    @Test
    void parametersAreEncodedAndAppended() {
        assertThat(database.rows("select net._urlencode_string('a b&c/\u00e4~'), net._urlencode_string(null),"
                        + " net._encode_url_with_params_array('http://a.example', '{a=1,b=%20}'),"
                        + " net._encode_url_with_params_array('http://a.example/?x=y#top', '{a=1}'),"
                        + " net._encode_url_with_params_array('http://a.example/', '{}'),"
                        + " net._encode_url_with_params_array('http://a.example/', null)"))
                .containsExactly(java.util.Arrays.asList(
                        "a%20b%26c%2F%C3%A4~",
                        null,
                        "http://a.example/?a=1&b=%20",
                        "http://a.example/?x=y&a=1#top",
                        "http://a.example/",
                        null));
    }
}
