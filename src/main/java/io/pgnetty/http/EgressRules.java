package io.pgnetty.http;

import io.pgnetty.config.Config;
import io.pgnetty.config.EgressEntry;
import io.pgnetty.config.HostName;
import io.pgnetty.config.HostPort;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What may be reached: public addresses on ports 80, 443 and above 1023, what {@code --egress-allow} adds, less what
 * {@code --egress-deny} takes away. Pure; asked with the address that is really being connected to.
 */
public final class EgressRules {

    private final Config.Egress egress;

    /** Takes the operator's lists. */
    public EgressRules(Config.Egress egress) {
        this.egress = egress;
    }

    /**
     * Why this connection is refused; empty when it is allowed.
     *
     * @param host the URL's host as given: a name, or an IP literal without brackets
     * @param resolvedName what the resolver made of it, with a search domain, say; a denial of either counts
     * @param address the address about to be connected to
     * @param port 1 to 65535
     * @return names the host as given, the rule, and the option that would allow it; no resolved address
     */
    public Optional<String> refusal(String host, String resolvedName, InetAddress address, int port) {
        String name = normal(host);
        String resolved = normal(resolvedName);
        InetAddress effective = PublicAddresses.embedded(address);
        return egress.deny().stream()
                .filter(entry -> entry.matches(name, address, port)
                        || entry.matches(name, effective, port)
                        || entry.matches(resolved, address, port))
                .findFirst()
                .map(entry -> denied(host, port, entry))
                .or(() -> notAllowed(host, address, port));
    }

    private Optional<String> notAllowed(String host, InetAddress address, int port) {
        String name = normal(host);
        boolean usualPort = port == 80 || port == 443 || port > 1023;
        List<EgressEntry> allowing = egress.allow().stream()
                .filter(entry -> entry.matches(name, address, port))
                .toList();
        if (allowing.stream().anyMatch(entry -> entry.port() != null || usualPort)) {
            return Optional.empty();
        }
        return PublicAddresses.special(address)
                .filter(special -> allowing.isEmpty())
                .map(special -> "is not a public address (" + special + ")")
                .or(() -> usualPort ? Optional.empty() : Optional.of("is not on port 80, 443 or one above 1023"))
                .map(reason -> refused(host, port, reason));
    }

    private static String refused(String host, int port, String reason) {
        return "Refused by the egress rules: \"" + host + "\" (port " + port + ") " + reason + "; --egress-allow "
                + new HostPort(host, port) + " would allow it";
    }

    /** Why this host is refused by its name alone, before anybody is asked for its address. */
    Optional<String> refusalByName(String host, int port) {
        String name = normal(host);
        return egress.deny().stream()
                .filter(entry -> entry.namesHost(name, port))
                .findFirst()
                .map(entry -> denied(host, port, entry));
    }

    private static String denied(String host, int port, EgressEntry entry) {
        return "Refused by the egress rules: \"" + host + "\" (port " + port + ") is denied by --egress-deny "
                + entry.text();
    }

    private static String normal(String host) {
        return HostName.canonical(host).orElseGet(() -> host.toLowerCase(Locale.ROOT));
    }
}
