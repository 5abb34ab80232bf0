package io.pgnetty.bridge;

/**
 * What the leader does with the idle lock, as a state machine without clock or connection.
 *
 * <ul>
 *   <li>Polling: no bridge holds the lock, so senders get it, shared, and do not notify; this bridge polls the queue every few milliseconds.
 *   <li>Listening: this bridge holds the lock, senders notify, and it polls when they do.
 *   <li>Follower: another bridge is the leader. This one polls when it is notified.
 * </ul>
 *
 * To stop polling, the leader asks for the lock. When the lock is granted, every transaction that did not notify has ended: the
 * poll that follows sees what they queued, and later senders notify. So no request is overlooked while there is a leader.
 *
 * @param asked whether the lock was asked for and there is no answer yet
 */
record PollerState(Mode mode, boolean asked) {

    enum Mode {
        FOLLOWER,
        POLLING,
        LISTENING
    }

    /** What happens. */
    enum Input {
        /** This bridge is the leader, or still is. */
        LEADER,
        /** Another bridge is the leader, or none. */
        FOLLOWER,
        /** Polls find nothing any more. */
        IDLE,
        /** Notifications come often. */
        BUSY,
        /** The lock was granted. */
        GRANTED,
        /** The lock was not granted in time. */
        REFUSED,
        /** The connection that held or asked for the lock is gone. */
        LOST
    }

    /** What is to be done about it. */
    enum Output {
        NOTHING,
        /** Poll the queue, in a statement that begins after this. */
        POLL,
        /** Ask for the lock. */
        ASK,
        /** Give the lock up, then poll. */
        RELEASE
    }

    /** A state and what to do on the way to it. */
    record Step(PollerState next, Output output) {}

    /** A bridge that has just begun. */
    static final PollerState INITIAL = new PollerState(Mode.FOLLOWER, false);

    Step on(Input input) {
        return switch (input) {
            case LEADER -> mode == Mode.FOLLOWER ? to(Mode.POLLING, asked, Output.POLL) : stay();
            case FOLLOWER -> to(Mode.FOLLOWER, asked, mode == Mode.LISTENING ? Output.RELEASE : Output.NOTHING);
            case IDLE -> mode == Mode.POLLING && !asked ? to(Mode.POLLING, true, Output.ASK) : stay();
            case BUSY -> mode == Mode.LISTENING ? to(Mode.POLLING, false, Output.RELEASE) : stay();
            case GRANTED ->
                mode == Mode.POLLING && asked
                        ? to(Mode.LISTENING, false, Output.POLL)
                        // Not wanted any more.
                        : to(mode, false, Output.RELEASE);
            case REFUSED -> to(mode, false, mode == Mode.POLLING ? Output.POLL : Output.NOTHING);
            case LOST -> to(mode == Mode.LISTENING ? Mode.POLLING : mode, false, Output.POLL);
        };
    }

    private Step stay() {
        return new Step(this, Output.NOTHING);
    }

    private static Step to(Mode mode, boolean asked, Output output) {
        return new Step(new PollerState(mode, asked), output);
    }
}
