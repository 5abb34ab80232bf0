package io.pgnetty.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Hosts as labels: bounded, whatever roles name. */
@Tag("quick")
class HostFailuresTest {

    private final AtomicLong now = new AtomicLong();
    private final HostFailures hosts = new HostFailures(now::get);

    @Test
    void tenThousandHostsAreFiftySeries() {
        PrometheusRegistry registry = new PrometheusRegistry();
        hosts.register(registry);
        for (int i = 0; i < 10_000; i++) {
            for (int times = 0; times <= i % 100; times++) {
                hosts.failed("host-" + i + ".example.com");
            }
        }
        assertThat(registry.scrape().stream()
                        .mapToInt(metric -> metric.getDataPoints().size())
                        .sum())
                .isEqualTo(HostFailures.SHOWN);
        assertThat(hosts.busiest())
                .allSatisfy(host -> assertThat(host.getValue()).isGreaterThan(99));
    }

    @Test
    void aCountGoesOnWhereItWasWhenItsHostIsShownAgain() {
        fail("a.example.com", 10);
        for (int i = 0; i < HostFailures.SHOWN; i++) {
            fail("b" + i + ".example.com", 20);
        }
        assertThat(hosts.busiest()).extracting(Map.Entry::getKey).doesNotContain("a.example.com");
        fail("a.example.com", 20);
        assertThat(hosts.busiest()).contains(Map.entry("a.example.com", 30L));
    }

    @Test
    void whoFailedMostLongAgoMakesRoomForThoseThatFailNow() {
        for (int i = 0; i < HostFailures.SHOWN; i++) {
            fail("old" + i + ".example.com", 1000);
        }
        now.addAndGet(Duration.ofHours(2).toNanos());
        fail("new.example.com", 3);
        assertThat(hosts.busiest().get(0)).isEqualTo(Map.entry("new.example.com", 3L));
    }

    @Test
    void whatIsKnownIsBounded() {
        fail("first.example.com", 5);
        for (int i = 0; i < HostFailures.KNOWN; i++) {
            hosts.failed("h" + i);
        }
        fail("first.example.com", 1000);
        // Forgotten meanwhile: it begins at 0 again, as after a restart.
        assertThat(hosts.busiest().get(0)).isEqualTo(Map.entry("first.example.com", 1000L));
    }

    private void fail(String host, int times) {
        for (int i = 0; i < times; i++) {
            hosts.failed(host);
        }
    }
}
