package io.pgnetty.observe;

import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import java.time.Duration;

/** Follows each attempt from the queue over claim and send to the write-back. Nothing here blocks or fails. */
public interface Traces {

    /** Follows nothing. */
    Traces NONE = (request, claimTook) -> () -> request;

    /**
     * An attempt begins.
     *
     * @param request as it was claimed
     * @param claimTook how long the claim took that brought it
     */
    Attempt begin(QueuedRequest request, Duration claimTook);

    /** An attempt that is followed. */
    interface Attempt {

        /** As it is to be sent: its headers name this attempt to the target. */
        QueuedRequest request();

        /**
         * It has an outcome.
         *
         * @param tell says so to others, who may ask which trace that belongs to
         */
        default void sent(Outcome outcome, Runnable tell) {
            tell.run();
        }

        /** Its result is in the database, or was dropped, as its lease was over, or cannot be stored. */
        default void recorded() {}

        /** It is done with here, whatever became of it. */
        default void end() {}
    }
}
