package io.pgnetty.http.egress;

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
 * {@code --egress-deny} takes away and what is the bridge's own. Asked with the address that is really being connected to.
 */
public final class EgressRules implements AutoCloseable {

    private final Config.Egress egress;
    private final OwnPlaces own;

    /**
     * Takes the operator's lists.
     *
     * @param own what nothing allows
     */
    public EgressRules(Config.Egress egress, OwnPlaces own) {
        this.egress = egress;
        this.own = own;
    }

    /** Looks up the names of what is the bridge's own. Blocks. */
    public void lookUp() {
        own.refresh();
    }

    /** Looks nothing up any more. */
    @Override
    public void close() {
        own.close();
    }

    /** The same with the lists of another bridge. */
    EgressRules withLists(Config.Egress other) {
        return new EgressRules(new Config.Egress(other.allow(), other.deny(), egress.nat64()), own);
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
        InetAddress effective = PublicAddresses.embedded(address, egress.nat64());
        return egress.deny().stream()
                .filter(entry -> entry.matches(name, address, port)
                        || entry.matches(name, effective, port)
                        || entry.matches(resolved, address, port))
                .findFirst()
                .map(entry -> denied(host, port, entry))
                .or(() -> notAllowed(host, address, effective, port))
                // Last, so that who may not go there anyhow does not learn where it is.
                .or(() -> own.contains(effective, port) || own.names(name, port)
                        ? Optional.of(ofOwn(host, port))
                        : Optional.empty());
    }

    private Optional<String> notAllowed(String host, InetAddress address, InetAddress effective, int port) {
        String name = normal(host);
        List<EgressEntry> allowing = egress.allow().stream()
                .filter(entry -> entry.matches(name, address, port) || entry.matches(name, effective, port))
                .toList();
        if (allowing.stream().anyMatch(entry -> entry.port() != null || isUsual(port))) {
            return Optional.empty();
        }
        return PublicAddresses.special(effective)
                .filter(special -> allowing.isEmpty())
                .map(special -> "is not a public address (" + special + ")")
                .or(() -> isUsual(port) ? Optional.empty() : Optional.of("is not on port 80, 443 or one above 1023"))
                .map(reason -> refused(host, port, reason));
    }

    /**
     * Why this host is refused by its name and port alone, before anybody is asked for its address.
     *
     * @param host as {@link #refusal} has it
     */
    public Optional<String> refusalByName(String host, int port) {
        String name = normal(host);
        if (own.names(name, port) && allowsByName(host, port)) {
            return Optional.of(ofOwn(host, port));
        }
        return egress.deny().stream()
                .filter(entry -> entry.namesHost(name, port))
                .findFirst()
                .map(entry -> denied(host, port, entry))
                .or(() -> isUsual(port)
                                || isLiteral(name)
                                || egress.allow().stream().anyMatch(entry -> mayAllow(entry, name, port))
                        ? Optional.empty()
                        : Optional.of(refused(host, port, "is not on port 80, 443 or one above 1023")));
    }

    private static boolean mayAllow(EgressEntry entry, String name, int port) {
        return entry.port() != null && (entry.cidr() == null ? entry.namesHost(name, port) : entry.port() == port);
    }

    /** Whether the operator has allowed this host by its name, whatever its address is. */
    public boolean allowsByName(String host, int port) {
        String name = normal(host);
        return egress.allow().stream()
                .anyMatch(entry -> entry.namesHost(name, port) && (entry.port() != null || isUsual(port)));
    }

    /**
     * What is said of a name that has no address which may be reached, whether it has others or none: who queues is not to find out which
     * names there are in the bridge's network.
     *
     * @param host as {@link #refusal} has it
     */
    public String unreachable(String host, int port) {
        return "Could not resolve host \"" + host + "\""
                + (allowsByName(host, port)
                        ? ""
                        : " to a public address; if it has another, --egress-allow " + new HostPort(host, port)
                                + " would allow it");
    }

    /** Whether everybody knows the address of a host: a literal, or a name of this machine. */
    public static boolean isKnown(String host) {
        String name = normal(host);
        return isLiteral(name) || name.equals("localhost") || name.endsWith(".localhost");
    }

    private static boolean isLiteral(String name) {
        return name.indexOf(':') >= 0 || name.matches("[0-9.]+");
    }

    private static boolean isUsual(int port) {
        return port == 80 || port == 443 || port > 1023;
    }

    private static String refused(String host, int port, String reason) {
        return place(host, port) + reason + "; --egress-allow " + new HostPort(host, port) + " would allow it";
    }

    private static String denied(String host, int port, EgressEntry entry) {
        return place(host, port) + "is denied by --egress-deny " + entry.text();
    }

    private static String ofOwn(String host, int port) {
        return place(host, port) + "is the bridge's own database or port, which nothing allows";
    }

    private static String place(String host, int port) {
        return "Refused by the egress rules: \"" + host + "\" (port " + port + ") ";
    }

    private static String normal(String host) {
        return HostName.canonical(host).orElseGet(() -> host.toLowerCase(Locale.ROOT));
    }
}
