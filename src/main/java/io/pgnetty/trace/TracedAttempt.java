package io.pgnetty.trace;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import io.pgnetty.observe.Traces;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one attempt: the whole, a child of the request's {@code traceparent} where it has one, and in it the queue (of the first attempt),
 * the claim, the send, whose id the target gets, and the write-back. No span has a URL, a header or a text of an error: those may hold secrets.
 */
final class TracedAttempt implements Traces.Attempt {

    private static final int FIRST_ERROR = 400;

    /** A host, and its port where that is not the scheme's own. */
    private static final Pattern PLACE = Pattern.compile("\\[?(.+?)]?(?::([0-9]{1,5}))?");

    private static final Propagator.Getter<List<Header>> GET = new Propagator.Getter<>() {
        @Override
        public @Nullable String get(List<Header> headers, String name) {
            return Header.first(headers, name);
        }
    };

    private final Tracer tracer;
    private final QueuedRequest request;
    private final Span whole;
    private final Span send;
    private final long beganNanos = System.nanoTime();
    private final long began;
    private volatile @Nullable Span writeBack;
    private volatile boolean sent;

    TracedAttempt(Tracer tracer, Propagator propagator, QueuedRequest claimed, Duration claimTook) {
        this.tracer = tracer;
        Instant now = Instant.now();
        this.began = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        long claim = began - claimTook.toNanos();
        boolean first = claimed.attempt() == 1;
        // Of a later one the time before was that of the attempts before it, and of its backoff.
        long start = first ? claim - Math.max(0, claimed.waited().toNanos()) : claim;
        this.whole = whole(propagator, claimed, start);
        if (first) {
            child("queue", start).end(claim, TimeUnit.NANOSECONDS);
        }
        child("claim", claim).end(began, TimeUnit.NANOSECONDS);
        this.send = sending(claimed);
        this.request = claimed.with(named(propagator, send.context(), claimed.headers()));
    }

    private static Span whole(Propagator propagator, QueuedRequest claimed, long start) {
        return propagator
                .extract(claimed.headers(), GET)
                .name("pgnetty request")
                .kind(Span.Kind.CONSUMER)
                .tag("pgnetty.request.id", claimed.id())
                .tag("pgnetty.request.attempt", claimed.attempt())
                .startTimestamp(start, TimeUnit.NANOSECONDS)
                .start();
    }

    private Span sending(QueuedRequest claimed) {
        Span.Builder builder = tracer.spanBuilder()
                .setParent(whole.context())
                .name("send " + claimed.method())
                .kind(Span.Kind.CLIENT)
                .tag("http.request.method", claimed.method())
                .startTimestamp(began, TimeUnit.NANOSECONDS);
        Matcher place = PLACE.matcher(claimed.host());
        if (place.matches()) {
            builder.tag("server.address", place.group(1));
            if (place.group(2) != null) {
                builder.tag("server.port", Long.parseLong(place.group(2)));
            }
        }
        if (claimed.attempt() > 1) {
            builder.tag("http.request.resend_count", claimed.attempt() - 1);
        }
        return builder.start();
    }

    private Span child(String name, long start) {
        return tracer.spanBuilder()
                .setParent(whole.context())
                .name(name)
                .startTimestamp(start, TimeUnit.NANOSECONDS)
                .start();
    }

    /** The headers with those that name the span instead of the sender's. */
    private static List<Header> named(Propagator propagator, TraceContext span, List<Header> headers) {
        List<Header> named = new ArrayList<>(headers);
        // Also a tracestate that belongs to no valid traceparent.
        named.removeIf(header -> propagator.fields().contains(header.name().toLowerCase(Locale.ROOT)));
        propagator.inject(span, named, (carrier, name, value) -> {
            named.add(new Header(name, value));
        });
        return named;
    }

    @Override
    public QueuedRequest request() {
        return request;
    }

    @Override
    public void sent(Outcome outcome, Runnable tell) {
        Tracer.SpanInScope scope = tracer.withSpan(send);
        try {
            tell.run();
        } finally {
            scope.close();
        }
        note(outcome);
        send.end(now(), TimeUnit.NANOSECONDS);
        sent = true;
        writeBack = child("write-back", now());
    }

    private void note(Outcome outcome) {
        if (outcome instanceof Outcome.Responded response) {
            send.tag("http.response.status_code", response.status());
            if (response.status() >= FIRST_ERROR) {
                failed(String.valueOf(response.status()));
            }
        } else if (outcome instanceof Outcome.Failed failure) {
            failed(failure.kind().label());
        }
    }

    private void failed(String type) {
        send.tag("error.type", type);
        send.error(new FailedAttempt(type));
    }

    @Override
    public void recorded() {
        Span writing = writeBack;
        if (writing != null) {
            writing.end(now(), TimeUnit.NANOSECONDS);
            writeBack = null;
        }
    }

    @Override
    public void end() {
        if (!sent) {
            // The request goes back to the queue, or its lease was over.
            send.event("given up");
            send.end(now(), TimeUnit.NANOSECONDS);
        }
        recorded();
        whole.end(now(), TimeUnit.NANOSECONDS);
    }

    private long now() {
        return began + System.nanoTime() - beganNanos;
    }

    /** Says that a span failed, and of what kind: the text of the failure is for the role that queued. */
    private static final class FailedAttempt extends Exception {

        private static final long serialVersionUID = 1L;

        FailedAttempt(String type) {
            super(type, null, false, false);
        }
    }
}
