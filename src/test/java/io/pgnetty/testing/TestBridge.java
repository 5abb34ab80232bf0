package io.pgnetty.testing;

import io.pgnetty.bridge.Bridge;
import io.pgnetty.config.Config;
import io.pgnetty.config.ConfigReader;
import io.pgnetty.config.Setting;
import io.pgnetty.observe.Event;
import io.pgnetty.service.Service;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import reactor.netty.http.client.HttpClient;

/** A bridge in this JVM, with everything that the production one has, and a record of its events. */
public final class TestBridge implements AutoCloseable {

    private final Service service;
    private final ConcurrentLinkedQueue<Event> events;

    private TestBridge(Service service, ConcurrentLinkedQueue<Event> events) {
        this.service = service;
        this.events = events;
    }

    /** Starts one that may reach loopback. */
    public static TestBridge start(TestDatabase database) {
        return start(database, Map.of());
    }

    /** Starts one with some settings of the test's own, and waits until it is ready. */
    public static TestBridge start(TestDatabase database, Map<Setting, String> settings) {
        return start(database, settings, UnaryOperator.identity());
    }

    public static TestBridge start(
            TestDatabase database, Map<Setting, String> settings, UnaryOperator<HttpClient> tls) {
        ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();
        Service service = Service.start(
                        config(database, settings), new Service.Setup("test", "0-test", List.of(events::add), tls))
                .block(Duration.ofSeconds(20));
        TestBridge bridge = new TestBridge(service, events);
        bridge.awaitReady();
        return bridge;
    }

    /** The configuration of such a bridge. */
    public static Config config(TestDatabase database, Map<Setting, String> settings) {
        Map<Setting, String> all = new EnumMap<>(Map.of(
                Setting.URL, database.text(),
                Setting.ADMIN, "127.0.0.1:0",
                Setting.EGRESS_ALLOW, "127.0.0.0/8,::1",
                Setting.DRAIN_TIMEOUT, "5s",
                // So that nothing in a test owes its success to the poll.
                Setting.FALLBACK_POLL, "1h"));
        all.putAll(settings);
        return new ConfigReader(all, Map.of()).read(false);
    }

    public Bridge bridge() {
        return service.bridge();
    }

    public int adminPort() {
        return service.adminPort();
    }

    public <E extends Event> List<E> events(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    public void awaitReady() {
        Awaitility.await("ready")
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> bridge().health().whyNotReady().isEmpty());
    }

    @Override
    public void close() {
        service.stop().block(Duration.ofSeconds(30));
    }
}
