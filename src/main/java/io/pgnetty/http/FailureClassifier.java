package io.pgnetty.http;

import io.netty.channel.ChannelException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.SslClosedEngineException;
import io.pgnetty.http.wire.InvalidResponseException;
import io.pgnetty.request.FailureKind;
import io.pgnetty.request.Outcome.Failed;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.PrematureCloseException;

/**
 * Turns an error into what the role that queued the request is told: it names the host as given and no resolved address, which
 * the messages of the JDK and of Netty do.
 */
final class FailureClassifier {

    private static final String DESCRIPTORS =
            "no file descriptor left: raise its limit (ulimit -n), or lower --concurrency";

    private static final Pattern PROXY_STATUS = Pattern.compile("status: ([0-9]{3})");

    private FailureClassifier() {}

    static Failed of(Throwable error, TargetUrl target) {
        if (error instanceof EgressDeniedException) {
            return new Failed(FailureKind.EGRESS_DENIED, text(error));
        }
        if (error instanceof SecretRefusedException) {
            return new Failed(FailureKind.SECRET_DENIED, text(error));
        }
        if (error instanceof SecretsUnaskedException) {
            return new Failed(FailureKind.UNASKED, "The bridge " + text(error));
        }
        if (error instanceof BodyTooLargeException) {
            return new Failed(FailureKind.TOO_LARGE, text(error));
        }
        Optional<String> local = lacking(error);
        if (local.isPresent()) {
            return new Failed(
                    FailureKind.LOCAL, "No connection to " + target.authority() + ": the bridge has " + local.get());
        }
        if (error instanceof UnknownHostException || error.getCause() instanceof UnknownHostException) {
            return new Failed(FailureKind.DNS, "Could not resolve host \"" + target.host() + "\"");
        }
        Optional<ConnectException> proxy = find(error, ProxyFailedException.class)
                .<ConnectException>map(failed -> failed)
                .or(() -> find(error, ProxyConnectException.class).map(FailureClassifier::ofProxy));
        return proxy.isPresent()
                ? new Failed(
                        FailureKind.CONNECT,
                        "No connection to " + target.authority() + " by the proxy (--egress-proxy): "
                                + text(proxy.get()))
                : ofConnection(error, target.authority());
    }

    /** The library's message has addresses. */
    private static ConnectException ofProxy(ProxyConnectException error) {
        Matcher status = PROXY_STATUS.matcher(text(error));
        return new ProxyFailedException(
                status.find() ? "it answers " + status.group(1) : "it does not answer as an HTTP proxy");
    }

    private static Failed ofConnection(Throwable error, String place) {
        if (error instanceof ConnectTimeoutException) {
            return new Failed(FailureKind.TIMEOUT, "Timeout: no connection to " + place + " in time");
        }
        if (find(error, SslClosedEngineException.class).isPresent()) {
            return new Failed(FailureKind.CLOSED, "Connection closed by " + place + " before it responded");
        }
        Optional<SSLException> tls = find(error, SSLException.class);
        if (tls.isPresent()) {
            return new Failed(FailureKind.TLS, "TLS with " + place + " failed: " + tlsReason(tls.get()));
        }
        return ofRoute(error, place);
    }

    private static Failed ofRoute(Throwable error, String place) {
        if (error instanceof NoRouteToHostException
                || text(error).contains("etwork is unreachable")
                || text(error).contains("Cannot assign requested address")) {
            return new Failed(FailureKind.CONNECT, "No route to " + place);
        }
        if (error instanceof ConnectException) {
            return new Failed(FailureKind.CONNECT, "Connection refused by " + place);
        }
        return ofResponse(error, place);
    }

    /** A failure after the connection was made. */
    private static Failed ofResponse(Throwable error, String place) {
        Optional<InvalidResponseException> invalid = find(error, InvalidResponseException.class);
        if (invalid.isPresent()) {
            return new Failed(FailureKind.MALFORMED, "The response of " + place + " " + text(invalid.get()));
        }
        Optional<Http2Exception> http2 = find(error, Http2Exception.class);
        if (http2.isPresent()) {
            return new Failed(
                    FailureKind.MALFORMED,
                    "The response of " + place + " "
                            + text(InvalidResponseException.unreadable("HTTP/2", http2.get())));
        }
        if (error instanceof DecoderException || error instanceof IllegalArgumentException) {
            Throwable cause = error.getCause() == null ? error : error.getCause();
            return new Failed(
                    FailureKind.MALFORMED,
                    "The response of " + place + " " + text(InvalidResponseException.unreadable("HTTP", cause)));
        }
        return ofClosed(error, place);
    }

    private static Failed ofClosed(Throwable error, String place) {
        if (error instanceof PrematureCloseException) {
            return new Failed(
                    FailureKind.CLOSED,
                    text(error).contains("DURING")
                            ? "Connection closed by " + place + " in the middle of its response"
                            : "Connection closed by " + place + " before it responded");
        }
        if (error instanceof ClosedChannelException) {
            return new Failed(FailureKind.CLOSED, "Connection closed by " + place + " before it responded");
        }
        if (error instanceof IOException && text(error).toLowerCase(Locale.ROOT).contains("reset")) {
            return new Failed(FailureKind.CLOSED, "Connection reset by " + place);
        }
        if (error instanceof IOException) {
            return new Failed(FailureKind.CLOSED, "Connection to " + place + " failed");
        }
        return new Failed(
                FailureKind.OTHER,
                "Sending to " + place + " failed: " + error.getClass().getSimpleName()
                        + " (the bridge's log has more)");
    }

    /** What the bridge's own machine lacked, by our count or by the system's; never by what a server wrote. */
    private static Optional<String> lacking(Throwable error) {
        if (error instanceof NoDescriptorException) {
            return Optional.of(DESCRIPTORS);
        }
        for (@Nullable Throwable t = error; t != null; t = t.getCause()) {
            boolean ofSystem =
                    (t instanceof IOException && !(t instanceof SSLException)) || t instanceof ChannelException;
            Optional<String> lacking = ofSystem ? lacking(text(t)) : Optional.empty();
            if (lacking.isPresent()) {
                return lacking;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> lacking(String message) {
        if (message.contains("Too many open files")) {
            return Optional.of(DESCRIPTORS);
        }
        // For an IPv6 address it says that this machine has none: see ofRoute.
        boolean noPort = message.contains("Cannot assign requested address") && !message.contains("[");
        if (noPort || message.contains("Address already in use")) {
            return Optional.of("no local address or port left for the connection");
        }
        return message.contains("Cannot allocate memory") || message.contains("No buffer space available")
                ? Optional.of("no memory left for the connection")
                : Optional.empty();
    }

    private static String tlsReason(SSLException error) {
        String all = chain(error);
        if (all.contains("CertificateExpiredException") || all.contains("NotAfter")) {
            return "its certificate has expired";
        }
        if (all.contains("CertificateNotYetValidException") || all.contains("NotBefore")) {
            return "its certificate is not valid yet";
        }
        if (all.contains("No subject alternative") || all.contains("No name matching")) {
            return "its certificate is for another host";
        }
        if (all.contains("PKIX path") || all.contains("unable to find valid certification path")) {
            return "its certificate is not issued by a trusted authority";
        }
        if (all.contains("not an SSL/TLS record")) {
            return "it does not speak TLS on this port";
        }
        Throwable deepest = error;
        while (deepest.getCause() != null && deepest.getCause() instanceof GeneralSecurityException) {
            deepest = deepest.getCause();
        }
        // The JDK's own words for an alert or a version; they hold no address.
        return text(deepest).lines().findFirst().orElse("handshake refused");
    }

    private static String chain(Throwable error) {
        StringBuilder all = new StringBuilder();
        for (Throwable t = error; t != null; t = t.getCause()) {
            all.append(t).append('\n');
        }
        return all.toString();
    }

    private static <T extends Throwable> Optional<T> find(Throwable error, Class<T> type) {
        for (@Nullable Throwable t = error; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return Optional.of(type.cast(t));
            }
        }
        return Optional.empty();
    }

    private static String text(Throwable error) {
        return String.valueOf(error.getMessage());
    }
}
