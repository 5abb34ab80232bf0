package io.pgnetty.testing;

import java.lang.management.ManagementFactory;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import reactor.blockhound.BlockHound;

/**
 * Makes every call that blocks an event loop fail, in all tests of this JVM. Before the first thread is there: classes that
 * run already do not bear being rewritten.
 */
public final class EventLoopWatch implements LauncherSessionListener {

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        // Maven's own, which lists the classes for the JVMs that run them, cannot be rewritten, and runs none.
        if (!ManagementFactory.getRuntimeMXBean()
                .getInputArguments()
                .contains("-XX:+AllowRedefinitionToAddDeleteMethods")) {
            return;
        }
        LeakWatch.install();
        BlockHound.builder()
                .loadIntegrations()
                // The JDK reads its entropy and its classes from files; both are in memory.
                .allowBlockingCallsInside("java.security.SecureRandom", "nextBytes")
                .allowBlockingCallsInside("java.lang.ClassLoader", "loadClass")
                // The driver builds its TLS context where it opens a connection: a few times an hour.
                .allowBlockingCallsInside("io.netty.handler.ssl.SslContextBuilder", "build")
                // Netty's allocator grows under a lock of its own, held for no longer than that takes.
                .allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator$MagazineGroup", "allocate")
                // A timer that is taken out of its queue while another one is put in.
                .allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue", "remove")
                .install();
    }
}
