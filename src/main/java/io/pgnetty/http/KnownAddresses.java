package io.pgnetty.http;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Optional;

/** The addresses of hosts that nobody is asked for. */
final class KnownAddresses {

    private KnownAddresses() {}

    /** Of a literal without brackets, or a name of this machine; empty for any other name. */
    static Optional<InetAddress> of(String host) {
        if (host.equals("localhost") || host.endsWith(".localhost")) {
            return Optional.of(InetAddress.getLoopbackAddress());
        }
        return Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(host));
    }
}
