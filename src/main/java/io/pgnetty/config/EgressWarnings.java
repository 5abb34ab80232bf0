package io.pgnetty.config;

import com.google.common.net.InternetDomainName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;

/** What entries of {@code --egress-allow} open that their operator may not have meant. */
final class EgressWarnings {

    /** Blocks with a shorter prefix hold more than any one network has. */
    private static final int WIDE_V4 = 8;

    private static final int WIDE_V6 = 16;

    private static final InetAddress METADATA = metadata();

    private EgressWarnings() {}

    /** A warning for each of them. */
    static List<String> of(List<EgressEntry> allow) {
        return allow.stream()
                .flatMap(entry -> opens(entry).stream())
                .map(what -> Setting.EGRESS_ALLOW.option() + ": " + what)
                .toList();
    }

    private static Optional<String> opens(EgressEntry entry) {
        Cidr cidr = entry.cidr();
        if (cidr == null) {
            return ofName(entry);
        }
        int wide = cidr.network().getAddress().length == 4 ? WIDE_V4 : WIDE_V6;
        if (cidr.prefix() < wide) {
            return Optional.of(
                    entry.text() + " is more than one network: whoever may queue reaches all private and special"
                            + " addresses in it, of this machine and of the cloud's metadata as well");
        }
        return cidr.contains(METADATA)
                ? Optional.of(
                        entry.text() + " has the address of the cloud's metadata, 169.254.169.254: whoever may queue"
                                + " reads this machine's credentials there")
                : Optional.empty();
    }

    private static Optional<String> ofName(EgressEntry entry) {
        String host = entry.host();
        if (host == null || !host.startsWith("*.")) {
            return Optional.empty();
        }
        String suffix = host.substring(2);
        boolean isPublic = suffix.indexOf('.') < 0
                || (InternetDomainName.isValid(suffix)
                        && InternetDomainName.from(suffix).isPublicSuffix());
        return isPublic
                ? Optional.of(entry.text()
                        + " is a suffix below which anybody can have a name: it can lead to any address, also"
                        + " of this network")
                : Optional.empty();
    }

    private static InetAddress metadata() {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) 169, (byte) 254, (byte) 169, (byte) 254});
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an IPv4 address", e);
        }
    }
}
