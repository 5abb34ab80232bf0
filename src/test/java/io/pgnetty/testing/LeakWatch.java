package io.pgnetty.testing;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class in which Netty has found a buffer that nobody released. The build runs Netty's leak detection at its
 * highest level, where every buffer is watched; a leak is found when the collector has taken the buffer, so it may be that of
 * a class before.
 */
public final class LeakWatch implements BeforeAllCallback, AfterAllCallback {

    private static final List<String> LEAKS = new CopyOnWriteArrayList<>();

    /** Before the first buffer is there. */
    public static void install() {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval, long active) {
                return new Recording<>(resource, interval);
            }
        });
    }

    /** The leaks found since this was last asked. */
    public static List<String> take() {
        List<String> found = List.copyOf(LEAKS);
        LEAKS.removeAll(found);
        return found;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // So that the class is loaded and an extension that no longer works is noticed at once.
        if (!ResourceLeakDetector.isEnabled()) {
            throw new IllegalStateException("leak detection is off: see test.jvm in pom.xml");
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        List<String> found = take();
        if (!found.isEmpty()) {
            throw new AssertionError("buffers that were not released: " + found);
        }
    }

    private static final class Recording<T> extends ResourceLeakDetector<T> {

        Recording(Class<T> resource, int interval) {
            super(resource, interval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String type, String records) {
            // The driver forgets buffers of its own where a connection is lost under a statement; ours never meet them.
            if (!records.contains("io.r2dbc.postgresql")) {
                LEAKS.add(type + records);
            }
        }

        @Override
        protected void reportUntracedLeak(String type) {
            LEAKS.add(type);
        }
    }
}
