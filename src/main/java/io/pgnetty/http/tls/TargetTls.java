package io.pgnetty.http.tls;

import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.pgnetty.config.HostTls;
import io.pgnetty.config.TlsVersion;
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

    private final @Nullable String serverName;
    private final Http2SslContextSpec both;
    private final Http11SslContextSpec http1;

    private TargetTls(X509ExtendedTrustManager trust, @Nullable HostTls host, TlsVersion min) {
        this.serverName = host == null ? null : host.serverName();
        NamedTrust named = new NamedTrust(trust, serverName);
        this.both = Http2SslContextSpec.forClient().configure(builder -> configure(builder, named, host, min));
        this.http1 = Http11SslContextSpec.forClient().configure(builder -> configure(builder, named, host, min));
    }

    /** With the JVM's trust store, and certificates besides (PEM), or null. */
    public static TargetTls ofSystem(@Nullable String besides, TlsVersion min) {
        return new TargetTls(Trust.ofSystem(besides), null, min);
    }

    /**
     * As the files of a host say.
     *
     * @param besides certificates that are believed besides the JVM's where the host has none of its own (PEM), or null
     * @throws IllegalArgumentException where its key is not that of its certificate, say
     */
    public static TargetTls of(HostTls host, @Nullable String besides) {
        String ca = host.ca();
        return new TargetTls(ca == null ? Trust.ofSystem(besides) : Trust.of(ca), host, host.min());
    }

    /** With the certificates of a key store. */
    public static TargetTls trusting(KeyStore store) {
        return new TargetTls(Trust.of(store), null, TlsVersion.V1_2);
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
        return client.secure(spec -> spec.sslContext(context).handlerConfigurator(this::prepare));
    }

    private static void configure(SslContextBuilder builder, NamedTrust trust, @Nullable HostTls host, TlsVersion min) {
        builder.sslProvider(SslProvider.JDK)
                .protocols(min.protocols())
                .ciphers(suites(), SupportedCipherSuiteFilter.INSTANCE)
                .trustManager(trust);
        if (host != null && host.cert() != null && host.key() != null) {
            builder.keyManager(Trust.stream(host.cert()), Trust.stream(host.key()));
        }
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

    /** What {@link javax.net.ssl.SNIHostName} refuses to be. */
    private static final class AnyName extends SNIServerName {
        AnyName(String host) {
            super(StandardConstants.SNI_HOST_NAME, host.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** The JDK neither sends a name with an underscore nor checks a certificate against it: then {@link NamedTrust} does. */
    private void prepare(SslHandler handler) {
        SSLEngine engine = handler.engine();
        String name = NamedTrust.name(engine, serverName);
        if (name != null) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new AnyName(name)));
            parameters.setEndpointIdentificationAlgorithm("");
            engine.setSSLParameters(parameters);
        }
    }
}
