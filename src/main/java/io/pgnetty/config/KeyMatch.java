package io.pgnetty.config;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a key is that of a certificate: while both are being replaced, one of them is still the old one. */
final class KeyMatch {

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final byte[] SIGNED = "pgnetty".getBytes(StandardCharsets.US_ASCII);

    private KeyMatch() {}

    /**
     * Signs with one and verifies with the other.
     *
     * @param cert PEM, the first counts
     * @param key PEM in PKCS #8, without a password
     */
    static boolean isKeyOf(String cert, String key) {
        Matcher encoded = KEY.matcher(key);
        if (!encoded.find()) {
            return false;
        }
        try {
            PublicKey open = CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(cert.getBytes(StandardCharsets.ISO_8859_1)))
                    .getPublicKey();
            PrivateKey secret = KeyFactory.getInstance(open.getAlgorithm())
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(encoded.group(1))));
            Signature signature = Signature.getInstance(algorithm(open.getAlgorithm()));
            signature.initSign(secret);
            signature.update(SIGNED);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(SIGNED);
            return signature.verify(signed);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    private static String algorithm(String ofKey) {
        return switch (ofKey) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "DSA" -> "SHA256withDSA";
            // Ed25519 and its like are their own.
            default -> ofKey;
        };
    }
}
