package io.pgnetty.http.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whose certificates are believed. */
final class Trust {

    private Trust() {}

    /** Those of the JVM, and others besides (PEM), or null. */
    static X509ExtendedTrustManager ofSystem(@Nullable String besides) {
        X509ExtendedTrustManager system = of((KeyStore) null);
        if (besides == null) {
            return system;
        }
        List<Certificate> all = new ArrayList<>(List.of(system.getAcceptedIssuers()));
        all.addAll(certificates(besides));
        return of(store(all));
    }

    /** Only those (PEM). */
    static X509ExtendedTrustManager of(String certificates) {
        return of(store(certificates(certificates)));
    }

    /** Only those of a key store, or of the JVM's where it is null. */
    static X509ExtendedTrustManager of(@Nullable KeyStore store) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A PEM file's text as its bytes. */
    static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Collection<? extends Certificate> certificates(String text) {
        try {
            return CertificateFactory.getInstance("X.509").generateCertificates(stream(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("has no certificate in PEM", e);
        }
    }

    private static KeyStore store(Collection<? extends Certificate> certificates) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates) {
                store.setCertificateEntry(String.valueOf(number), certificate);
                number++;
            }
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
