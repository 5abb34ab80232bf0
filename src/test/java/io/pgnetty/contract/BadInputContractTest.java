package io.pgnetty.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnetty.testing.TestDatabase;
import java.io.StringReader;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;

/** What could never be sent is refused in the call, with the argument and the reason, and by INSERT and COPY alike. */
@ParameterizedClass
@MethodSource("io.pgnetty.contract.Backend#all")
class BadInputContractTest extends Contract {

    private static final Map<String, String> CALLS = Map.ofEntries(
            Map.entry("net.http_get(null)", "null value in column \"url\""),
            Map.entry("net.http_get('')", "url must be absolute"),
            Map.entry("net.http_get('/relative')", "url must be absolute"),
            Map.entry("net.http_get('ftp://x/')", "url must be absolute and begin with http:// or https://"),
            Map.entry("net.http_get('http://')", "url does not have a valid host"),
            Map.entry("net.http_get('http:///x')", "url does not have a valid host"),
            Map.entry("net.http_get('http://h:99999/')", "url has a port outside"),
            Map.entry("net.http_get('http://h:x/')", "url does not have a valid host"),
            Map.entry("net.http_get('http://u:p@/')", "url does not have a valid host"),
            Map.entry("net.http_get('http://h/a b')", "url has a space or a control character"),
            Map.entry("net.http_get(E'http://h/a\\r\\nb')", "url has a space or a control character"),
            Map.entry("net.http_get('http://h', headers := '[]')", "headers must be a JSON object"),
            Map.entry("net.http_get('http://h', headers := '\"x\"')", "headers must be a JSON object"),
            Map.entry("net.http_get('http://h', headers := '{\"A b\": \"c\"}')", "is not a valid header name"),
            Map.entry("net.http_get('http://h', headers := '{\"A\\r\\nB\": \"c\"}')", "is not a valid header name"),
            Map.entry("net.http_get('http://h', headers := '{\"A\": \"b\\r\\nC: d\"}')", "control character"),
            Map.entry("net.http_get('http://h', headers := '{\"A\": [\"b\\n\"]}')", "control character"),
            Map.entry("net.http_get('http://h', headers := '{\"A\": {\"b\": 1}}')", "the value of \"A\" must be"),
            Map.entry("net.http_get('http://h', headers := '{\"A\": [[1]]}')", "the value of \"A\" must be"),
            Map.entry("net.http_get('http://h', headers := '{\"A\": 1, \"a\": 2}')", "\"a\" is given twice"),
            Map.entry("net.http_get('http://h', headers := '{\"A\": \"\\u0000\"}')", "\\u0000"),
            Map.entry(
                    "net.http_get('http://h', params := '{\"A\": {\"b\": 1}}')", "params: the value of \"A\" must be"),
            Map.entry("net.http_get('http://h', params := '[1]')", "params must be a JSON object"),
            Map.entry("net.http_get('http://h', timeout_milliseconds := 0)", "timeout_milliseconds must be from 1"),
            Map.entry("net.http_get('http://h', timeout_milliseconds := -1)", "timeout_milliseconds must be from 1"),
            Map.entry("net.http_get('http://h', timeout_milliseconds := 2147483647)", "timeout_milliseconds must be"),
            Map.entry("net.http_get('http://h', timeout_milliseconds := null)", "\"timeout_milliseconds\""),
            Map.entry(
                    "net.http_post('http://h', headers := '{\"Content-Type\": \"text/xml\"}')",
                    "Content-Type must be JSON"),
            Map.entry("net.http_request('G T', 'http://h')", "method must be an HTTP method token"),
            Map.entry("net.http_request('', 'http://h')", "method must be an HTTP method token"),
            Map.entry("net.http_request(null, 'http://h')", "null value in column \"method\""),
            Map.entry("net.http_request('CONNECT', 'http://h')", "method CONNECT"),
            Map.entry("net.http_request('POST', 'http://h', '{}', body_text := 'x')", "exclude each other"),
            Map.entry(
                    "net.http_request('POST', 'http://h', body_text := 'x', body_bytes := 'y')", "exclude each other"));

    @Test
    void callsAreRefusedWithTheReason() {
        CALLS.forEach((call, reason) -> assertThatThrownBy(() -> database.one("select " + call))
                .as(call)
                .isInstanceOf(TestDatabase.Failed.class)
                .hasMessageContaining(reason));
        assertThat(database.one("select count(*) from net.http_request_queue")).isEqualTo("0");
    }

    /** One line for each function, and a short statement between them. */
    @Test
    void aRefusalHasLittleContext() {
        CALLS.keySet()
                .forEach(call -> assertThatThrownBy(() -> database.one("select " + call))
                        .as(call)
                        .extracting(refusal -> ((PSQLException) refusal.getCause())
                                .getServerErrorMessage()
                                .getWhere())
                        .asString()
                        .satisfies(context -> assertThat(context.lines()).hasSizeLessThanOrEqualTo(7)));
    }

    @Test
    void whatIsTooLongIsRefused() {
        for (String call : List.of(
                "net.http_get('http://h/' || repeat('a', 70000))",
                "net.http_get('http://h/', headers := jsonb_build_object('A', repeat('a', 70000)))",
                "net.http_request(repeat('A', 65), 'http://h/')")) {
            assertThatThrownBy(() -> database.one("select " + call)).as(call).hasMessageContaining("longer than");
        }
    }

    @Test
    void strangeButLegalInputHoldsUpNobody() {
        String strange = queue("select net.http_get('" + target.url("/") + "', headers := ('{\"X\": 1e2000, \"'"
                + " || repeat('n', 60) || '\": \"' || repeat('v', 30000) || '\"}')::jsonb)");
        String innocent = queue("select net.http_get('" + target.url("/innocent") + "')");

        assertThat(result(innocent).status()).isEqualTo("SUCCESS");
        assertThat(result(strange).status()).isEqualTo("SUCCESS");
        if (backend != Backend.LATIN1) {
            // On the way to ASCII it would become a slash, and the host another.
            assertThatThrownBy(() -> queue("select net.http_get('http://a\uff0fb/')"))
                    .hasMessageContaining("url does not have a valid host");
        }
    }

    @Test
    void insertAndCopyRefuseTheSame() throws Exception {
        List<String> rows = List.of(
                "GET\tftp://x\t{}\t1000",
                "GET\thttp://u@\t{}\t1000",
                "G T\thttp://h\t{}\t1000",
                "GET\thttp://h\t[]\t1000",
                "GET\thttp://h\t{\"a\": 1, \"A\": 2}\t1000",
                "GET\thttp://h\t{\"a\": \"b\\\\nc\"}\t1000",
                "GET\thttp://h\t{}\t0",
                "GET\t\\N\t{}\t1000");
        for (String row : rows) {
            try (Connection connection = database.as("alice").connect()) {
                assertThatThrownBy(() -> connection
                                .unwrap(PGConnection.class)
                                .getCopyAPI()
                                .copyIn(
                                        "copy net.http_request_queue (method, url, headers, timeout_milliseconds) from stdin",
                                        new StringReader(row + "\n")))
                        .as(row)
                        .isInstanceOf(java.sql.SQLException.class);
            }
        }
        assertThatThrownBy(() -> database.as("alice")
                        .run("insert into net.http_request_queue (method, url, headers, timeout_milliseconds)"
                                + " values ('GET', 'ftp://x', '{}', 1000)"))
                .hasMessageContaining("url must be absolute");
        assertThat(database.one("select count(*) from net.http_request_queue")).isEqualTo("0");
    }
}
