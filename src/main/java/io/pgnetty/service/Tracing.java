package io.pgnetty.service;

import io.pgnetty.config.Config;
import io.pgnetty.observe.Events;
import io.pgnetty.observe.Traces;
import io.pgnetty.trace.OtlpTraces;
import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Traces, where they are on; without them none of their classes is loaded. */
record Tracing(Traces traces, @Nullable SpanContext exemplars, Runnable end) {

    static Tracing of(Config config, String name, String version, Events events) {
        Config.Tracing tracing = config.tracing();
        return tracing == null
                ? new Tracing(Traces.NONE, null, () -> {})
                : of(new OtlpTraces(tracing, name, version, events));
    }

    private static Tracing of(OtlpTraces traces) {
        return new Tracing(traces, traces.exemplars(), traces::close);
    }

    /** Sends what is left; waits, so not on an event loop. */
    Mono<Void> close() {
        return Mono.<Void>fromRunnable(end).subscribeOn(Schedulers.boundedElastic());
    }
}
