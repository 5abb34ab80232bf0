package io.pgnetty.trace;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** An exporter whose failures are events, said once until it works again; the library's own lines would be no part of our log. */
final class ReportingExporter implements SpanExporter {

    /** Held, or its level is forgotten. */
    private static final Logger LIBRARY = Logger.getLogger("io.opentelemetry");

    private final SpanExporter exporter;
    private final String collector;
    private final Events events;
    private final AtomicBoolean fails = new AtomicBoolean();

    /** @param collector as it may be shown */
    ReportingExporter(SpanExporter exporter, String collector, Events events) {
        LIBRARY.setLevel(Level.OFF);
        this.exporter = exporter;
        this.collector = collector;
        this.events = events;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode result = exporter.export(spans);
        result.whenComplete(() -> {
            if (result.isSuccess()) {
                fails.set(false);
            } else if (!fails.getAndSet(true)) {
                events.emit(new Event.ChoreFailed(
                        "sending traces",
                        collector + " does not take them" + reason(result.getFailureThrowable())
                                + "; requests are not held up, and spans are dropped until it does"));
            }
        });
        return result;
    }

    private static String reason(@Nullable Throwable failure) {
        Throwable root = failure;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        if (root == null) {
            return "";
        }
        String message = root.getMessage();
        return ": " + (message == null ? root.getClass().getSimpleName() : message);
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
