package io.pgnetty.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.pgnetty.config.Setting;
import io.pgnetty.testing.CuttableProxy;
import io.pgnetty.testing.TestBridge;
import io.pgnetty.testing.TestDatabase;
import io.pgnetty.testing.TestPostgres;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What ten open pages cost, and what one says while the database is away. */
class LiveFeedTest {

    private final TestDatabase database = TestPostgres.shared().installed();

    @Test
    void tenPagesCostTheDatabaseWhatOneDoes() throws Exception {
        // Each read enters net.due_lines once; a bridge that rests enters it for its counts alone, every 15 s.
        database.run(
                "do $$ begin execute format('alter database %I set track_functions = ''pl''', current_database()); end $$");
        try (TestBridge bridge = TestBridge.start(database)) {
            PageClient client = new PageClient(bridge, "");
            List<Iterator<String>> pages = new ArrayList<>();
            List<Stream<String>> streams = new ArrayList<>();
            long one = readsFor(client, 1, pages, streams);
            long ten = readsFor(client, 9, pages, streams);
            System.out.println("reads for 6 events: one page " + one + ", ten pages " + ten);
            assertThat(one).isBetween(3L, 20L);
            assertThat(ten).isLessThanOrEqualTo(one + 4);

            streams.forEach(Stream::close);
            // Nobody looks: it ends.
            AtomicLong before = new AtomicLong();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofSeconds(3))
                    .until(() -> {
                        long now = reads();
                        return now - before.getAndSet(now) <= 1;
                    });
        }
    }

    /** Reads while each of the pages gets six events, of which all get the same. */
    private long readsFor(PageClient client, int more, List<Iterator<String>> pages, List<Stream<String>> streams)
            throws Exception {
        for (int i = 0; i < more; i++) {
            HttpResponse<Stream<String>> opened = client.lines();
            assertThat(opened.headers().firstValue("content-type")).hasValue("text/event-stream");
            streams.add(opened.body());
            pages.add(opened.body().iterator());
        }
        for (Iterator<String> page : pages) {
            next(page);
        }
        long before = reads();
        for (int i = 0; i < 6; i++) {
            for (Iterator<String> page : pages) {
                assertThat(next(page).get("database").get("due").asLong()).isZero();
            }
        }
        return reads() - before;
    }

    private int port() {
        return database.url().servers().get(0).port();
    }

    private long reads() {
        // Sessions say what they have done with a delay of a second.
        return Long.parseLong(database.one(
                "select coalesce(sum(calls), 0) from pg_stat_user_functions where funcname = 'due_lines'"));
    }

    @Test
    void whatTheBridgeKnowsIsShownWhileTheDatabaseIsAway() throws Exception {
        try (CuttableProxy proxy = new CuttableProxy(port());
                TestBridge bridge = TestBridge.start(
                        database,
                        Map.of(Setting.URL, database.text().replace(":" + port() + "/", ":" + proxy.port() + "/")))) {
            PageClient client = new PageClient(bridge, "");
            assertThat(await(client, event -> true).get("bridge").get("state").asString())
                    .isEqualTo("running");
            proxy.cut();
            JsonNode away = await(client, event -> event.get("bridge").has("reason"));
            assertThat(away.get("bridge").get("state").asString()).isEqualTo("cut_off");
            await(client, event -> event.has("problem"));
            proxy.heal();
            JsonNode back = await(
                    client,
                    event -> event.has("database") && !event.get("bridge").has("reason"));
            assertThat(back.get("bridge").get("listening").asBoolean()).isTrue();
        }
    }

    /** Connections that are reset before or while their answer begins give their room back, too. */
    @Test
    void connectionsThatAreResetTakeNoRoom() throws Exception {
        try (TestBridge bridge = TestBridge.start(database)) {
            for (int i = 0; i < 200; i++) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), bridge.adminPort())) {
                    socket.setSoLinger(true, 0);
                    socket.getOutputStream()
                            .write("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(4_000_000));
                }
            }
            PageClient client = new PageClient(bridge, "");
            List<InputStream> open = new ArrayList<>();
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
                HttpResponse<InputStream> events = client.events();
                if (events.statusCode() == 200) {
                    open.add(events.body());
                } else {
                    events.body().close();
                }
                return open.size() == 32;
            });
            for (InputStream stream : open) {
                stream.close();
            }
        }
    }

    /** What was read long ago is not said to be now. */
    @Test
    void eachEventSaysWhenTheDatabaseWasRead() throws Exception {
        try (TestBridge bridge = TestBridge.start(database)) {
            PageClient client = new PageClient(bridge, "");
            JsonNode event = await(client, one -> one.has("database"));
            assertThat(event.get("at").asLong() - event.get("read_at").asLong()).isBetween(0L, 2000L);
            assertThat(event.get("read_at").asLong()).isCloseTo(System.currentTimeMillis(), within(20_000L));
        }
    }

    @Test
    void streamsAreBoundedAndOneThatEndsMakesRoom() throws Exception {
        try (TestBridge bridge = TestBridge.start(database)) {
            PageClient client = new PageClient(bridge, "");
            List<InputStream> open = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                HttpResponse<InputStream> events = client.events();
                assertThat(events.statusCode()).isEqualTo(200);
                open.add(events.body());
            }
            assertThat(client.events().statusCode()).isEqualTo(503);
            // Probes and lists have their own room.
            assertThat(client.get("/readyz").statusCode()).isEqualTo(200);
            assertThat(client.get("/api/requests?list=dead").statusCode()).isEqualTo(200);
            open.get(7).close();
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
                HttpResponse<InputStream> events = client.events();
                open.add(events.body());
                return events.statusCode() == 200;
            });
            for (InputStream stream : open) {
                stream.close();
            }
        }
    }

    /** As the page does, opens the stream again when it ends. */
    private static JsonNode await(PageClient client, Predicate<JsonNode> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < end) {
            try (Stream<String> lines = client.lines().body()) {
                Iterator<String> page = lines.iterator();
                while (page.hasNext() && System.nanoTime() < end) {
                    JsonNode event = event(page.next());
                    if (event.has("bridge") && condition.test(event)) {
                        return event;
                    }
                }
            }
        }
        throw new AssertionError("not within 60 s");
    }

    private static JsonNode event(String line) {
        return line.startsWith("data: ")
                ? JsonMapper.shared().readTree(line.substring(6))
                : JsonMapper.shared().createObjectNode();
    }

    /** The next event that says what is in the database, or why that is not known. */
    private static JsonNode next(Iterator<String> page) {
        while (true) {
            JsonNode event = event(page.next());
            if (event.has("database") || event.has("problem")) {
                return event;
            }
        }
    }
}
