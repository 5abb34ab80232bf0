package io.pgnetty.http;

import io.pgnetty.config.HostTls;
import io.pgnetty.config.TargetTlsFiles;
import io.pgnetty.http.tls.TargetTls;
import io.pgnetty.observe.Event;
import io.pgnetty.observe.Events;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * The clients for https: for most hosts the same, and others for hosts with TLS of their own ({@code --tls-hosts}). All are made again when
 * files change, so that each new request has a connection by the new ones.
 */
final class SecureClients implements AutoCloseable {

    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    private final TargetTlsFiles files;
    private final Function<TargetTls, ClientPair> maker;
    private final Events events;
    private final Disposable watch;
    private volatile Generation generation;
    private TargetTlsFiles.@Nullable Contents before;
    private @Nullable String told;

    private record Own(HostTls host, ClientPair clients) {}

    private record Generation(TargetTlsFiles.Contents contents, ClientPair usual, List<Own> own) {}

    /**
     * Reads the files now.
     *
     * @param maker of clients that speak TLS like that
     * @throws IllegalArgumentException where a file is wrong
     */
    SecureClients(TargetTlsFiles files, Function<TargetTls, ClientPair> maker, Events events) {
        this.files = files;
        this.maker = maker;
        this.events = events;
        this.generation = made(files.read());
        this.watch = files.ca() == null && files.hosts() == null
                ? () -> {}
                : Flux.interval(LOOK_EVERY, Schedulers.boundedElastic())
                        .onBackpressureDrop()
                        .subscribe(tick -> refresh());
    }

    /** The clients for a host, lower case. */
    ClientPair of(String host) {
        Generation now = generation;
        for (Own own : now.own) {
            if (own.host.isFor(host)) {
                return own.clients;
            }
        }
        return now.usual;
    }

    private void refresh() {
        try {
            TargetTlsFiles.Contents now = files.read();
            // Twice the same: one that is half written, or is away while it is replaced, is no setting.
            if (!now.equals(generation.contents) && now.equals(before)) {
                generation = made(now);
            }
            before = now;
            told = null;
        } catch (RuntimeException e) {
            // Half of them may be replaced so far: those of before hold.
            String problem = String.valueOf(e.getMessage());
            if (!Objects.equals(problem, told)) {
                told = problem;
                events.emit(new Event.ChoreFailed("reading the TLS files of targets", problem));
            }
        }
    }

    private Generation made(TargetTlsFiles.Contents contents) {
        List<Own> own = new ArrayList<>();
        for (HostTls host : contents.hosts()) {
            try {
                own.add(new Own(host, maker.apply(TargetTls.of(host, contents.ca()))));
            } catch (RuntimeException e) {
                // The client library wraps what the JDK throws, for certificates in the wrong order, say.
                throw new IllegalArgumentException("--tls-hosts: " + host.pattern() + ": " + e.getMessage(), e);
            }
        }
        return new Generation(contents, maker.apply(TargetTls.ofSystem(contents.ca(), files.min())), List.copyOf(own));
    }

    @Override
    public void close() {
        watch.dispose();
    }
}
