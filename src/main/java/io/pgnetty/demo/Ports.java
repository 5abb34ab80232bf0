package io.pgnetty.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports of this machine: those that the examples have, and others where somebody has taken them. */
final class Ports {

    static final int MAX = 65535;
    private static final int ATTEMPTS = 3;

    private Ports() {}

    /** What listens on a port. */
    @FunctionalInterface
    interface Server<T> {
        T start(int port) throws Exception;
    }

    /** Starts a server on a port that was asked for; or, where that is 0, as {@link #on(int, Server)} does. */
    static <T> T on(int asked, int preferred, Server<T> server) throws Exception {
        return asked != 0 ? server.start(asked) : on(preferred, server);
    }

    /** Starts a server on the port that is preferred, or on a free one; again where another program was faster. */
    static <T> T on(int preferred, Server<T> server) throws Exception {
        for (int attempt = 1; ; attempt++) {
            int port = free(preferred);
            try {
                return server.start(port);
            } catch (Exception e) {
                if (attempt == ATTEMPTS || isFree(port)) {
                    throw e;
                }
            }
        }
    }

    static boolean isFree(int port) {
        return free(port) == port;
    }

    private static int free(int preferred) {
        try (ServerSocket socket = new ServerSocket(preferred, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return any.getLocalPort();
            } catch (IOException none) {
                throw new UncheckedIOException(none);
            }
        }
    }
}
