package io.pgnetty.request;

import java.time.Duration;

/** What becomes of a request after an attempt. */
public sealed interface Verdict {

    /** An HTTP answer that is not retried: a success, whatever its status. */
    record Done() implements Verdict {}

    /**
     * It is sent again.
     *
     * @param after how long it waits in the database at least, on the database's clock
     */
    record Retry(Duration after) implements Verdict {}

    /** Failed for good: its attempts are exhausted, or its outcome is not one that is retried. */
    record Exhausted() implements Verdict {}
}
