package io.pgnetty.bench;

import io.netty.handler.ssl.SslContextBuilder;
import io.pgnetty.http.tls.TargetTls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Objects;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

/** TLS between the bench and its own target, with a key that is no secret: it comes with the program, and nobody else trusts it. */
final class BenchTls {

    private static final String KEY = "/bench/target.p12";
    private static final char[] PASSWORD = "pgnetty-bench".toCharArray();

    private BenchTls() {}

    /** Makes a server speak HTTP/2 over TLS. */
    static HttpServer served(HttpServer server) {
        GenericSslContextSpec<SslContextBuilder> context = Http2SslContextSpec.forServer(keys());
        return server.protocol(HttpProtocol.H2).secure(spec -> spec.sslContext(context));
    }

    /** What makes a client trust that server, where it is one. */
    static UnaryOperator<HttpClient> trusted(boolean http2) {
        return http2 ? client -> TargetTls.trusting(store()).usedBy(client) : UnaryOperator.identity();
    }

    private static KeyManagerFactory keys() {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store(), PASSWORD);
            return keys;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore store() {
        try (InputStream in = Objects.requireNonNull(BenchTls.class.getResourceAsStream(KEY), KEY)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD);
            return store;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
