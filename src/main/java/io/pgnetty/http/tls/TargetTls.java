package io.pgnetty.http.tls;

import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

/**
 * TLS 1.2 and 1.3 with each cipher suite that the JDK has and that is not broken: Netty's own list is shorter, and servers that curl
 * reaches have none of it. ADR 8 has what was measured.
 */
public final class TargetTls {

    private static final Pattern BROKEN =
            Pattern.compile("_(?:NULL|anon|EXPORT|RC4|DES|DES40|3DES|KRB5|MD5)_|_NULL$|_MD5$");
    private static final String DISABLED = "jdk.tls.disabledAlgorithms";

    private final Http2SslContextSpec both;
    private final Http11SslContextSpec http1;

    private TargetTls(X509ExtendedTrustManager trust) {
        this.both = Http2SslContextSpec.forClient().configure(builder -> configure(builder, trust));
        this.http1 = Http11SslContextSpec.forClient().configure(builder -> configure(builder, trust));
    }

    /** With the JVM's trust store. */
    public static TargetTls ofSystem() {
        return new TargetTls(trust(null));
    }

    /** With the certificates of a key store. */
    public static TargetTls trusting(KeyStore store) {
        return new TargetTls(trust(store));
    }

    /**
     * Allows what newer JDKs switch off: the exchange of keys by RSA, which has no forward secrecy, but which some servers have
     * nothing beside. Must be called before anything speaks TLS in this JVM.
     */
    public static void allowOldServers() {
        String disabled = Security.getProperty(DISABLED);
        if (disabled != null) {
            Security.setProperty(
                    DISABLED,
                    Arrays.stream(disabled.split(","))
                            .map(String::strip)
                            .filter(algorithm -> !algorithm.equals("TLS_RSA_*"))
                            .collect(Collectors.joining(", ")));
        }
    }

    /** Makes a client speak TLS like this, and HTTP/2 where its protocols have that. */
    public HttpClient usedBy(HttpClient client) {
        boolean http2 = List.of(client.configuration().protocols()).contains(HttpProtocol.H2);
        GenericSslContextSpec<SslContextBuilder> context = http2 ? both : http1;
        return client.secure(spec -> spec.sslContext(context).handlerConfigurator(TargetTls::prepare));
    }

    private static void configure(SslContextBuilder builder, X509ExtendedTrustManager trust) {
        builder.sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(suites(), SupportedCipherSuiteFilter.INSTANCE)
                .trustManager(new UnderscoreTrust(trust));
    }

    private static List<String> suites() {
        try {
            SSLParameters parameters = SSLContext.getDefault().getSupportedSSLParameters();
            return Arrays.stream(parameters.getCipherSuites())
                    .filter(suite -> !BROKEN.matcher(suite).find())
                    .toList();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509ExtendedTrustManager trust(@Nullable KeyStore store) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What {@link javax.net.ssl.SNIHostName} refuses to be. */
    private static final class UnderscoredName extends SNIServerName {
        UnderscoredName(String host) {
            super(StandardConstants.SNI_HOST_NAME, host.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** The JDK neither sends a name with an underscore nor checks a certificate against it: then {@link UnderscoreTrust} does. */
    private static void prepare(SslHandler handler) {
        SSLEngine engine = handler.engine();
        String host = engine.getPeerHost();
        if (host != null && UnderscoreTrust.isUnderscored(host)) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new UnderscoredName(host)));
            parameters.setEndpointIdentificationAlgorithm("");
            engine.setSSLParameters(parameters);
        }
    }
}
