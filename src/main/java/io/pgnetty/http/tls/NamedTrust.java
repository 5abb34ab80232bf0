package io.pgnetty.http.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's trust, and the check of the certificate's name where the JDK does not make it: for a server name that is not the URL's host, and
 * for a host with an underscore, which is in no host name that RFC 1123 knows. The rules are those of RFC 6125, section 6.4.
 */
final class NamedTrust extends X509ExtendedTrustManager {

    private static final int DNS_NAME = 2;

    private final X509ExtendedTrustManager trust;
    private final @Nullable String serverName;

    /** @param serverName what the certificate must be for, or null for the host */
    NamedTrust(X509ExtendedTrustManager trust, @Nullable String serverName) {
        this.trust = trust;
        this.serverName = serverName;
    }

    /** The name to ask for and to check here; null where the JDK does both. */
    static @Nullable String name(SSLEngine engine, @Nullable String serverName) {
        String host = engine.getPeerHost();
        return serverName != null ? serverName : host != null && host.indexOf('_') >= 0 ? host : null;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        trust.checkServerTrusted(chain, authType, engine);
        String name = name(engine, serverName);
        if (name != null && !isFor(chain[0], name)) {
            throw new CertificateException("No subject alternative DNS name matching " + name + " found");
        }
    }

    private static boolean isFor(X509Certificate certificate, String host) throws CertificateException {
        var names = certificate.getSubjectAlternativeNames();
        return names != null
                && names.stream()
                        .filter(name -> Integer.valueOf(DNS_NAME).equals(name.get(0)))
                        .anyMatch(name -> matches(String.valueOf(name.get(1)), host));
    }

    /** A wildcard stands for one whole label, the first, with at least two after it. */
    static boolean matches(String pattern, String host) {
        String given = pattern.toLowerCase(Locale.ROOT);
        String name = host.toLowerCase(Locale.ROOT);
        if (!given.startsWith("*.")) {
            return given.equals(name);
        }
        int dot = name.indexOf('.');
        String rest = given.substring(1);
        return dot > 0
                && rest.indexOf('.', 1) > 0
                && rest.indexOf('*') < 0
                && name.substring(dot).equals(rest);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        trust.checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        trust.checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        trust.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        trust.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        trust.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust.getAcceptedIssuers();
    }
}
