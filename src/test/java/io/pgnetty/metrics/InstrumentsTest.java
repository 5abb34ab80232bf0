package io.pgnetty.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Meters that read their values. */
@Tag("quick")
class InstrumentsTest {

    /** Micrometer holds what it reads weakly. */
    @Test
    void aCounterGoesOnAfterAGarbageCollection() {
        MeterRegistry registry = new SimpleMeterRegistry();
        Instruments instruments = new Instruments(registry);
        AtomicLong source = new AtomicLong(1);
        instruments.counter("lost", "Lost", () -> source.get());
        assertThat(registry.get("lost").functionCounter().count()).isEqualTo(1);
        System.gc();
        source.set(1000);
        assertThat(registry.get("lost").functionCounter().count()).isEqualTo(1000);
        assertThat(instruments).isNotNull();
    }
}
