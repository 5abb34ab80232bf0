package io.pgnetty.http;

import io.pgnetty.config.Config;
import java.net.InetAddress;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The egress rules of the other bridges, as far as they are not those of this one: what it refuses one of them may allow. */
public final class PeerEgress {

    private volatile Map<UUID, EgressRules> rules = Map.of();

    /** The others are these now. */
    public void set(Map<UUID, Config.Egress> others) {
        rules = others.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, one -> new EgressRules(one.getValue())));
    }

    /** Who may make this connection; see {@link EgressRules#refusal}. */
    Set<UUID> allowing(String host, String resolvedName, InetAddress address, int port) {
        return allowing(one -> one.refusal(host, resolvedName, address, port).isEmpty());
    }

    /** Who does not refuse this host by its name alone. */
    Set<UUID> allowingName(String host, int port) {
        return allowing(one -> one.refusalByName(host, port).isEmpty());
    }

    private Set<UUID> allowing(Predicate<EgressRules> test) {
        return rules.entrySet().stream()
                .filter(one -> test.test(one.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }
}
