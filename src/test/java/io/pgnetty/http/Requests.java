package io.pgnetty.http;

import io.pgnetty.config.Cidr;
import io.pgnetty.config.Config;
import io.pgnetty.config.EgressEntry;
import io.pgnetty.http.egress.EgressRules;
import io.pgnetty.http.egress.OwnPlaces;
import io.pgnetty.observe.Events;
import io.pgnetty.request.Header;
import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import io.pgnetty.testing.Queued;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
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
        return sender(
                new Config.Delivery(connections, maxAge, 1 << 20, 1 << 20, Duration.ZERO),
                Config.Targets.DIRECT,
                egress(allow, ""),
                events,
                tls);
    }

    /** With a proxy, or TLS of its own. */
    static HttpSender sender(String allow, Config.Targets targets, UnaryOperator<HttpClient> tls) {
        return sender(
                new Config.Delivery(64, Duration.ofMinutes(1), 1 << 20, 1 << 20, Duration.ZERO),
                targets,
                egress(allow, ""),
                event -> {},
                tls);
    }

    static HttpSender sender(
            Config.Delivery delivery,
            Config.Targets targets,
            Config.Egress egress,
            Events events,
            UnaryOperator<HttpClient> tls) {
        return new HttpSender(
                delivery,
                targets,
                new EgressRules(egress, OwnPlaces.NONE),
                new HttpSender.Setup("0-test", events, SecretRules.NONE, tls));
    }

    static Config.Egress egress(String allow, String nat64) {
        return new Config.Egress(
                split(allow).map(EgressEntry::parse).toList(),
                List.of(),
                split(nat64).map(Cidr::parse).toList());
    }

    private static Stream<String> split(String list) {
        return Arrays.stream(list.split(",", -1)).filter(one -> !one.isEmpty());
    }

    static QueuedRequest get(String url, Header... headers) {
        return Queued.get(url, headers);
    }

    /** Whose response is out of memory when its outcome is there. */
    static Mono<Outcome> sent(HttpSender sender, QueuedRequest request) {
        return Mono.using(
                () -> sender.memory().open(request.host()),
                memory -> sender.send(request, () -> true, HopGate.OPEN, memory));
    }

    static Outcome send(HttpSender sender, QueuedRequest request) {
        return sender.send(request, () -> true, HopGate.OPEN, sender.memory().open(request.host()))
                .block(Duration.ofSeconds(20));
    }
}
