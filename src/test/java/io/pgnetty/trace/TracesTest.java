package io.pgnetty.trace;

import static io.pgnetty.trace.Collector.hex;
import static io.pgnetty.trace.Collector.tags;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.testing.Target;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a collector gets of requests, and what their targets get. */
class TracesTest {

    private static final Pattern TRACEPARENT = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-0[0-3]");

    private final TestDatabase database = TestPostgres.shared().installed();
    private final Target target = new Target();
    private final Collector collector = new Collector();

    @AfterEach
    void end() throws IOException {
        target.close();
        collector.close();
    }

    private TestBridge bridge(String sample) {
        return TestBridge.start(database, Map.of(Setting.TRACES, collector.url(), Setting.TRACES_SAMPLE, sample));
    }

    /** Each request has a session's trace of its own, a URL of its own and an answer of its own. */
    @Test
    void oneTraceLeadsFromTheSessionOverClaimAndSendToTheWriteBack() {
        try (TestBridge bridge = bridge("0")) {
            for (int i = 1; i <= 10; i++) {
                target.respond("/r" + i, 200 + i, Map.of(), ("answer " + i).getBytes(StandardCharsets.UTF_8));
                database.run("set net.traceparent = '00-" + trace(i) + "-00000000000000" + (10 + i) + "-01';"
                        + "select net.http_get('" + target.url("/r" + i) + "')");
            }
            Awaitility.await().until(() -> whole(10));
        }
        Map<String, List<Span>> traces =
                collector.spans().stream().collect(Collectors.groupingBy(span -> hex(span.getTraceId())));
        assertThat(traces).hasSize(10);
        for (int i = 1; i <= 10; i++) {
            List<Span> spans = traces.get(trace(i));
            Span whole = named(spans, "pgnetty request");
            assertThat(hex(whole.getParentSpanId())).isEqualTo("00000000000000" + (10 + i));
            assertThat(tags(whole)).containsEntry("pgnetty.request.attempt", "1");
            Span send = named(spans, "send GET");
            assertThat(tags(send))
                    .containsEntry("http.response.status_code", String.valueOf(200 + i))
                    .containsEntry("http.request.method", "GET")
                    .containsEntry("server.address", "127.0.0.1")
                    .containsEntry("server.port", String.valueOf(target.port()));
            assertThat(send.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT);
            assertThat(seen("/r" + i)).isEqualTo("00-" + trace(i) + "-" + hex(send.getSpanId()) + "-01");
            assertThat(spans)
                    .extracting(Span::getName)
                    .containsExactlyInAnyOrder("pgnetty request", "queue", "claim", "send GET", "write-back");
            for (String part : List.of("queue", "claim", "send GET", "write-back")) {
                Span span = named(spans, part);
                assertThat(span.getParentSpanId()).isEqualTo(whole.getSpanId());
                assertThat(span.getStartTimeUnixNano())
                        .isBetween(whole.getStartTimeUnixNano(), whole.getEndTimeUnixNano());
                assertThat(span.getEndTimeUnixNano())
                        .isBetween(span.getStartTimeUnixNano(), whole.getEndTimeUnixNano());
            }
            assertThat(named(spans, "queue").getEndTimeUnixNano())
                    .isEqualTo(named(spans, "claim").getStartTimeUnixNano());
        }
        // Neither URLs nor header values leave with them.
        assertThat(collector.resources().toString()).doesNotContain("/r1").contains("0-test");
    }

    @Test
    void retriesAreAttemptsOfOneTraceAndFailuresAreErrors() {
        target.inTurn("/flaky", Map.of(), 503, 200);
        try (TestBridge bridge = bridge("1")) {
            database.run("select net.http_request('POST', '" + target.url("/flaky?token=hidden")
                    + "', max_attempts := 2, headers := '{\"traceparent\": \"00-" + trace(1)
                    + "-00000000000000ab-01\", \"TraceState\": \"vendor=value\"}')");
            database.run("select net.http_get('http://127.0.0.1:1/denied')");
            Awaitility.await().until(() -> whole(3));
        }
        List<Span> spans = collector.spans().stream()
                .filter(span -> hex(span.getTraceId()).equals(trace(1)))
                .toList();
        List<Span> sends = spans.stream()
                .filter(span -> span.getName().equals("send POST"))
                .toList();
        assertThat(sends).hasSize(2);
        assertThat(sends)
                .extracting(span -> tags(span).get("http.response.status_code"))
                .containsExactlyInAnyOrder("503", "200");
        assertThat(sends)
                .filteredOn(span -> tags(span).get("http.response.status_code").equals("503"))
                .allSatisfy(span -> {
                    assertThat(span.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
                    assertThat(tags(span)).containsEntry("error.type", "503");
                });
        assertThat(sends)
                .filteredOn(span -> tags(span).get("http.response.status_code").equals("200"))
                .allSatisfy(span -> assertThat(tags(span)).containsEntry("http.request.resend_count", "1"));
        assertThat(spans.stream().filter(span -> span.getName().equals("queue")))
                .hasSize(1);
        assertThat(target.requests()).allSatisfy(request -> {
            assertThat(request.headers().get("traceparent")).hasSize(1);
            assertThat(request.header("tracestate")).isEqualTo("vendor=value");
        });
        // Another trace, of its own.
        Span denied = named(
                collector.spans().stream()
                        .filter(span -> !hex(span.getTraceId()).equals(trace(1)))
                        .toList(),
                "send GET");
        assertThat(tags(denied)).containsEntry("error.type", "egress_denied");
        assertThat(collector.resources().toString()).doesNotContain("hidden").doesNotContain("denied by");
    }

    /** What the sender has decided is not sampled is not sent to the collector, and the target is told so. */
    @Test
    void whatIsNotSampledIsHandedOnAndNotCollected() {
        try (TestBridge bridge = bridge("1")) {
            database.run("select net.http_get('" + target.url("/no") + "', headers := '{\"traceparent\": \"00-"
                    + trace(7) + "-00000000000000ab-00\"}')");
            database.run("select net.http_get('" + target.url("/yes") + "')");
            Awaitility.await().until(() -> whole(1));
        }
        assertThat(seen("/no")).startsWith("00-" + trace(7)).endsWith("-00").doesNotContain("-00000000000000ab-");
        assertThat(seen("/yes")).matches(TRACEPARENT).matches(".*[13]");
        assertThat(collector.spans()).extracting(span -> hex(span.getTraceId())).doesNotContain(trace(7));
    }

    @Test
    void withoutTracesTheHeaderIsHandedOnAsItIs() {
        try (TestBridge bridge = TestBridge.start(database)) {
            database.run("set net.traceparent = '00-" + trace(3) + "-00000000000000ab-01'; select net.http_get('"
                    + target.url("/plain") + "')");
            database.run("select net.http_get('" + target.url("/none") + "')");
            Awaitility.await().until(() -> target.count() == 2);
        }
        assertThat(seen("/plain")).isEqualTo("00-" + trace(3) + "-00000000000000ab-01");
        assertThat(target.requests())
                .filteredOn(request -> request.uri().equals("/none"))
                .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("traceparent"));
        assertThat(collector.spans()).isEmpty();
    }

    @Test
    void aValueOfTheHistogramNamesATrace() throws Exception {
        try (TestBridge bridge = bridge("1")) {
            database.run("select net.http_get('" + target.url("/x") + "')");
            Awaitility.await().until(() -> whole(1));
            HttpRequest scrape = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + bridge.adminPort() + "/metrics"))
                    .header("Accept", "application/openmetrics-text")
                    .build();
            String metrics = HttpClient.newHttpClient()
                    .send(scrape, HttpResponse.BodyHandlers.ofString())
                    .body();
            assertThat(metrics)
                    .containsPattern("pgnetty_request_duration_seconds_bucket\\{.*# \\{span_id=\"[0-9a-f]{16}\","
                            + "trace_id=\""
                            + hex(named(collector.spans(), "send GET").getTraceId()) + "\"");
        }
    }

    /** A collector that is away costs no request, and is said once. */
    @Test
    void aCollectorThatIsAwayHoldsNothingUp() throws IOException {
        collector.close();
        try (TestBridge bridge = bridge("1")) {
            database.run("select net.http_get('" + target.url("/a") + "' || i) from generate_series(1, 200) i");
            Awaitility.await()
                    .until(() -> database.one("select count(*) from net._http_response")
                            .equals("200"));
            Awaitility.await()
                    .until(() -> !bridge.events(Event.ChoreFailed.class).isEmpty());
            assertThat(bridge.events(Event.ChoreFailed.class))
                    .singleElement()
                    .satisfies(failed -> assertThat(failed.reason())
                            .contains(collector.url())
                            .contains("requests are not held up"));
        }
        assertThat(target.requests().stream().map(Target.Request::uri).collect(Collectors.toSet()))
                .hasSize(200);
    }

    private boolean whole(int count) {
        Set<Span> ended = collector.spans().stream()
                .filter(span -> span.getName().equals("pgnetty request"))
                .collect(Collectors.toSet());
        return ended.size() == count;
    }

    private String seen(String uri) {
        return target.requests().stream()
                .filter(request -> request.uri().equals(uri))
                .findFirst()
                .orElseThrow()
                .header("traceparent");
    }

    private static Span named(List<Span> spans, String name) {
        return spans.stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not among " + spans));
    }

    private static String trace(int number) {
        return String.format("%032x", 0xabcdef00 + number);
    }
}
