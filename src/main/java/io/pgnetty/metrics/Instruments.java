package io.pgnetty.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Makes meters in a registry, each kind in the one way that all of ours have. */
final class Instruments {

    private static final Duration[] LATENCIES =
            millis(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000);
    private static final double[] SIZES = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};

    private final MeterRegistry registry;

    /** The registry holds them weakly alone. */
    private final List<Supplier<Number>> counted = new ArrayList<>();

    Instruments(MeterRegistry registry) {
        this.registry = registry;
    }

    Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    void counter(String name, String description, Supplier<Number> value) {
        counted.add(value);
        FunctionCounter.builder(name, value, supplier -> supplier.get().doubleValue())
                .description(description)
                .register(registry);
    }

    void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    /** 1 or 0. */
    void flag(String name, String description, BooleanSupplier value) {
        gauge(name, description, () -> value.getAsBoolean() ? 1 : 0);
    }

    /** A histogram of seconds, from 1 ms to 60 s. */
    Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
    }

    /** A histogram of numbers, from 1 to 1000. */
    DistributionSummary sizes(String name, String description) {
        return DistributionSummary.builder(name)
                .description(description)
                .serviceLevelObjectives(SIZES)
                .register(registry);
    }

    private static Duration[] millis(long... millis) {
        return Arrays.stream(millis).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }
}
