package io.pgnetty.trace;

import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.otel.bridge.OtelCurrentTraceContext;
import io.micrometer.tracing.otel.bridge.OtelPropagator;
import io.micrometer.tracing.otel.bridge.OtelTracer;
import io.micrometer.tracing.propagation.Propagator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.pgnetty.config.Config;
import io.pgnetty.observe.Events;
import io.pgnetty.observe.Traces;
import io.pgnetty.request.QueuedRequest;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Sends the way of each traced request to an OTLP collector, in batches and on a thread of its own. A collector that is slow or away costs
 * spans, and no request: what does not fit the queue is dropped.
 */
public final class OtlpTraces implements Traces, AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LAST_BATCH = Duration.ofSeconds(2);
    private static final int QUEUED_SPANS = 8192;

    private final SdkTracerProvider provider;
    private final Tracer tracer;
    private final Propagator propagator;

    /**
     * Opens nothing yet.
     *
     * @param name of this bridge
     * @param events is told when the collector does not take spans
     */
    public OtlpTraces(Config.Tracing config, String name, String version, Events events) {
        this.provider = SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"), "pgnetty",
                        AttributeKey.stringKey("service.version"), version,
                        AttributeKey.stringKey("service.instance.id"), name)))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(config.sample())))
                .addSpanProcessor(processor(config, events))
                .build();
        io.opentelemetry.api.trace.Tracer otel = provider.get("io.pgnetty");
        this.tracer = new OtelTracer(otel, new OtelCurrentTraceContext(), event -> {});
        this.propagator = new OtelPropagator(ContextPropagators.create(W3CTraceContextPropagator.getInstance()), otel);
    }

    private static SpanProcessor processor(Config.Tracing config, Events events) {
        SpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(config.collector().toString())
                .setTimeout(TIMEOUT)
                .build();
        return BatchSpanProcessor.builder(new ReportingExporter(exporter, config.place(), events))
                .setMaxQueueSize(QUEUED_SPANS)
                .setScheduleDelay(Duration.ofSeconds(1))
                .setExporterTimeout(TIMEOUT)
                .build();
    }

    @Override
    public Attempt begin(QueuedRequest request, Duration claimTook) {
        return new TracedAttempt(tracer, propagator, request, claimTook);
    }

    /** Which span a metric's value is of, for its exemplars. */
    public SpanContext exemplars() {
        return new Exemplars(tracer);
    }

    /** Sends what has ended; waits for that for 2 s at most. */
    @Override
    public void close() {
        provider.shutdown().join(LAST_BATCH.toMillis(), TimeUnit.MILLISECONDS);
    }
}
