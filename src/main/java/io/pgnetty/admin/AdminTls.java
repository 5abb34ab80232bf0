package io.pgnetty.admin;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.pgnetty.config.KeyFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** TLS of {@code --admin}: for each new connection as its files are; those of before hold while they cannot be read. */
final class AdminTls implements AutoCloseable {

    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    private final KeyFiles files;
    private final Disposable watch;
    private volatile @Nullable Loaded loaded;

    private record Loaded(String cert, String key, SslContext context) {}

    /**
     * Reads the files now, and looks whether they have changed until it is closed.
     *
     * @throws IllegalArgumentException where they are not a certificate and its key
     */
    AdminTls(KeyFiles files) {
        this.files = files;
        try {
            this.loaded = load();
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--admin-tls-cert, --admin-tls-key: not a certificate and its key: " + e.getMessage(), e);
        }
        this.watch = Flux.interval(LOOK_EVERY, Schedulers.boundedElastic())
                .onBackpressureDrop()
                .subscribe(tick -> refresh());
    }

    /** Speaks TLS on a new connection. */
    void install(Channel channel) {
        channel.pipeline()
                .addFirst(new SslHandler(Objects.requireNonNull(loaded).context.newEngine(channel.alloc())));
    }

    private void refresh() {
        try {
            loaded = load();
        } catch (IOException | RuntimeException e) {
            // Probes and scrapers see the old one until both can be read.
            return;
        }
    }

    private Loaded load() throws IOException {
        String cert = Files.readString(files.cert(), StandardCharsets.ISO_8859_1);
        String key = Files.readString(files.key(), StandardCharsets.ISO_8859_1);
        Loaded before = loaded;
        if (before != null && before.cert.equals(cert) && before.key.equals(key)) {
            return before;
        }
        if (before != null && !files.problems().isEmpty()) {
            // One of the two may be there before the other.
            return before;
        }
        return new Loaded(cert, key, context(cert, key));
    }

    private static SslContext context(String cert, String key) throws SSLException {
        return SslContextBuilder.forServer(
                        new ByteArrayInputStream(cert.getBytes(StandardCharsets.ISO_8859_1)),
                        new ByteArrayInputStream(key.getBytes(StandardCharsets.ISO_8859_1)))
                .sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .build();
    }

    @Override
    public void close() {
        watch.dispose();
    }
}
