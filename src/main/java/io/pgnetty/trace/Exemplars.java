package io.pgnetty.trace;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/** The span of the thread that adds to a metric. */
final class Exemplars implements SpanContext {

    private final Tracer tracer;

    Exemplars(Tracer tracer) {
        this.tracer = tracer;
    }

    @Override
    public @Nullable String getCurrentTraceId() {
        Span span = tracer.currentSpan();
        return span == null ? null : span.context().traceId();
    }

    @Override
    public @Nullable String getCurrentSpanId() {
        Span span = tracer.currentSpan();
        return span == null ? null : span.context().spanId();
    }

    @Override
    public boolean isCurrentSpanSampled() {
        Span span = tracer.currentSpan();
        return span != null && Boolean.TRUE.equals(span.context().sampled());
    }

    @Override
    public void markCurrentSpanAsExemplar() {
        // Every sampled span may be one: nothing here is kept by that.
    }
}
