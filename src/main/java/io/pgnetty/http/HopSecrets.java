package io.pgnetty.http;

import io.pgnetty.http.secret.Placeholders;
import io.pgnetty.http.secret.SecretStore;
import io.pgnetty.http.secret.WebhookSignature;
import io.pgnetty.request.Header;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * Puts the secrets that a hop names into what is sent, and signs it: the last step before the wire, so that they are nowhere else. Each
 * must be allowed for who queued, and for each host that the hop names, its {@code Host} header's too.
 */
final class HopSecrets {

    /** Within some three seconds: a database that is away for a moment costs no attempt. */
    private static final int ASKED_AGAIN = 4;

    private final SecretStore store;
    private final SecretRules rules;

    /**
     * Reads secrets when a request needs them.
     *
     * @param rules asked for each hop that names one
     */
    HopSecrets(SecretStore store, SecretRules rules) {
        this.store = store;
        this.rules = rules;
    }

    /**
     * The hop as it goes over the wire.
     *
     * @return errors with {@link SecretRefusedException} and {@link SecretsUnaskedException}
     */
    Mono<Hop> into(Hop hop, QueuedRequest request) {
        Set<String> named = named(hop);
        String signWith = hop.signWith();
        if (named.isEmpty() && signWith == null) {
            return Mono.just(hop);
        }
        Set<String> signing = signWith == null ? Set.of() : Set.of(signWith);
        return allowed(named, hop, request, SecretRules.Use.HEADER)
                .then(allowed(signing, hop, request, SecretRules.Use.SIGNING))
                // Reads files.
                .then(Mono.fromCallable(() -> signed(filled(hop, named), request))
                        .subscribeOn(Schedulers.boundedElastic()))
                .onErrorMap(IllegalArgumentException.class, e -> new SecretRefusedException(e.getMessage()));
    }

    /** Gives up what is being asked. */
    void close() {
        rules.close();
    }

    private static Set<String> named(Hop hop) {
        Set<String> names = new HashSet<>();
        hop.headers().forEach(header -> names.addAll(Placeholders.ofHeader(header.value())));
        names.addAll(hop.secretsOfUrl());
        return names;
    }

    private Mono<Void> allowed(Set<String> names, Hop hop, QueuedRequest request, SecretRules.Use use) {
        if (names.isEmpty()) {
            return Mono.empty();
        }
        boolean plain = hop.target().scheme().equals("http");
        return Flux.fromIterable(
                        hop.targets().stream().map(TargetUrl::authority).collect(Collectors.toSet()))
                .concatMap(host -> Mono.defer(
                                () -> rules.usable(new SecretRules.Question(names, request.role(), host, use, plain)))
                        .retryWhen(Retry.backoff(ASKED_AGAIN, Duration.ofMillis(200)))
                        .onErrorMap(SecretsUnaskedException::new)
                        .doOnNext(usable -> {
                            if (!usable.containsAll(names)) {
                                Set<String> refused = new HashSet<>(names);
                                refused.removeAll(usable);
                                throw refused(refused, host, plain);
                            }
                        }))
                .then();
    }

    /** The same whether it is there or not: names of secrets are not to be guessed. */
    private static SecretRefusedException refused(Set<String> names, String host, boolean plain) {
        return new SecretRefusedException((names.size() == 1 ? "Secret " : "Secrets ")
                + String.join(", ", names.stream().sorted().toList())
                + " cannot be used for " + host + (plain ? " over plain http" : "")
                + ": not allowed for the role that queued (net.allow_secret), or not known to the bridge");
    }

    private Hop filled(Hop hop, Set<String> names) {
        if (names.isEmpty()) {
            return hop;
        }
        Map<String, String> secrets = new HashMap<>();
        names.forEach(name -> secrets.put(name, value(name, hop)));
        TargetUrl target = hop.target();
        List<Header> headers = new ArrayList<>(hop.headers().size());
        for (Header header : hop.headers()) {
            Header filled = new Header(header.name(), Placeholders.inHeader(header.name(), header.value(), secrets));
            RequestHeaders.check(filled);
            headers.add(filled);
        }
        return hop.with(
                hop.secretsOfUrl().isEmpty()
                        ? target
                        : target.withPathAndQuery(Placeholders.inPathAndQuery(target.pathAndQuery(), secrets)),
                headers);
    }

    private Hop signed(Hop hop, QueuedRequest request) {
        String name = hop.signWith();
        if (name == null) {
            return hop;
        }
        byte[] body = Objects.requireNonNullElse(hop.body(), new byte[0]);
        List<Header> signature = WebhookSignature.headers(
                        value(name, hop), request.idempotencyKey(), Instant.now(), body)
                .orElseThrow(() -> new SecretRefusedException(
                        "Secret " + name + " is no key to sign with: whsec_ and base64, or two of them"));
        List<Header> headers = new ArrayList<>(hop.headers().stream()
                .filter(header -> !WebhookSignature.isOne(header.name()))
                .toList());
        headers.addAll(signature);
        return hop.with(hop.target(), headers);
    }

    private String value(String name, Hop hop) {
        return store.value(name)
                .orElseThrow(() -> refused(
                        Set.of(name),
                        hop.target().authority(),
                        hop.target().scheme().equals("http")));
    }
}
