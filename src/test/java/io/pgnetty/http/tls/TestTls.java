package io.pgnetty.http.tls;

import io.pgnetty.testing.TlsServer;
import java.util.function.UnaryOperator;
import reactor.netty.http.client.HttpClient;

/** What senders trust in tests. */
public final class TestTls {

    private TestTls() {}

    public static UnaryOperator<HttpClient> of(java.security.KeyStore store) {
        return client -> TargetTls.trusting(store).usedBy(client);
    }

    /** The certificate of a server of the test's own. */
    public static UnaryOperator<HttpClient> trusting(TlsServer server) {
        return client -> TargetTls.trusting(server.store()).usedBy(client);
    }
}
