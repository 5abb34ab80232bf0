package io.pgnetty.http;

import io.pgnetty.config.Config;
import io.pgnetty.config.EgressEntry;
import io.pgnetty.observe.Events;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import io.pgnetty.testing.Queued;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import reactor.netty.http.client.HttpClient;

/** Senders and requests for the tests of this room. */
final class Requests {

    private Requests() {}

    static HttpSender sender(String allow, UnaryOperator<HttpClient> tls) {
        return sender(allow, event -> {}, tls);
    }

    static HttpSender sender(String allow, Events events, UnaryOperator<HttpClient> tls) {
        return sender(16, allow, events, tls);
    }

    /** @param connections in the pool at most: with one, a request uses the connection of the one before, if that is still open */
    static HttpSender sender(int connections, String allow, Events events, UnaryOperator<HttpClient> tls) {
        return sender(connections, Duration.ofMinutes(1), allow, events, tls);
    }

    static HttpSender sender(
            int connections, Duration maxAge, String allow, Events events, UnaryOperator<HttpClient> tls) {
        List<EgressEntry> entries = allow.isEmpty()
                ? List.of()
                : Arrays.stream(allow.split(",")).map(EgressEntry::parse).toList();
        return new HttpSender(
                new Config.Delivery(connections, maxAge, 1 << 20, 1 << 20, Duration.ZERO, null),
                new EgressRules(new Config.Egress(entries, List.of())),
                "0-test",
                events,
                SecretRules.NONE,
                tls);
    }

    static QueuedRequest get(String url, Header... headers) {
        return Queued.get(url, headers);
    }

    static Outcome send(HttpSender sender, QueuedRequest request) {
        return sender.send(request, () -> true, HopGate.OPEN, sender.memory().open(request.host()))
                .block(Duration.ofSeconds(20));
    }
}
