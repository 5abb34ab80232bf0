package io.pgnetty.http;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.channel.Channel;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Leaves some of the process's file descriptors to others: connections to targets take no more than there are but for a
 * reserve, so that probes are answered and the database is reached however many there are.
 */
final class DescriptorReserve {

    /** The database, the probes and their connections, a file or two. */
    private static final long RESERVE = 64;

    private final long limit;
    private final AtomicInteger taken = new AtomicInteger();

    /** Counts what is open now, once. */
    DescriptorReserve() {
        limit = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? Math.max(unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount() - RESERVE, 1)
                : Long.MAX_VALUE;
    }

    /** Whether a connection may be opened; it is given back when its channel is closed. */
    boolean take(Channel channel) {
        if (taken.incrementAndGet() > limit) {
            taken.decrementAndGet();
            return false;
        }
        channel.closeFuture().addListener(closed -> taken.decrementAndGet());
        return true;
    }
}
