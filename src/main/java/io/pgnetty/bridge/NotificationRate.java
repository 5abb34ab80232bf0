package io.pgnetty.bridge;

import java.time.Duration;

/** Whether notifications come so often that polling is cheaper. For one thread. */
final class NotificationRate {

    /** More notifications than this within {@link #BUSY_WITHIN} cost more than polling. */
    private static final int BUSY_NOTIFICATIONS = 5;

    private static final Duration BUSY_WITHIN = Duration.ofMillis(50);

    private int notifications;
    private long since = System.nanoTime();

    /** Counts a notification. */
    boolean isHigh() {
        long now = System.nanoTime();
        if (now - since > BUSY_WITHIN.toNanos()) {
            since = now;
            notifications = 0;
        }
        return ++notifications >= BUSY_NOTIFICATIONS;
    }
}
