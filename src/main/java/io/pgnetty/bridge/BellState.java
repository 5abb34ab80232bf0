package io.pgnetty.bridge;

/**
 * What the bridge on duty does with the bell's lock, as a machine without clock or connection.
 *
 * <ul>
 *   <li>Awake: nobody has the lock, senders are quiet, and this bridge looks at the queue every few milliseconds.
 *   <li>Asleep: this bridge has the lock, senders ring, and it looks when they do.
 *   <li>Off duty: another bridge sees to it. This one looks when it is rung for.
 * </ul>
 *
 * It falls asleep by asking for the lock. When it is granted, every sender that was quiet has ended; the look that follows
 * sees what they queued, and who comes later rings. So no request is left unseen, as long as somebody is on duty.
 *
 * @param asked whether the lock was asked for and there is no answer yet
 */
record BellState(Mode mode, boolean asked) {

    enum Mode {
        OFF_DUTY,
        AWAKE,
        ASLEEP
    }

    /** What happens. */
    enum Input {
        /** The lease of the duty was given to this bridge, or prolonged. */
        ON_DUTY,
        /** Another has the duty, or nobody. */
        OFF_DUTY,
        /** Looks find nothing any more. */
        IDLE,
        /** The bell rings often. */
        BUSY,
        /** The lock is ours. */
        GRANTED,
        /** The lock was not to be had in time. */
        REFUSED,
        /** The connection that held or asked for the lock is gone. */
        LOST
    }

    /** What is to be done about it. */
    enum Output {
        NOTHING,
        /** Look at the queue, in a statement that begins after this. */
        LOOK,
        /** Ask for the lock. */
        ASK,
        /** Give the lock up, then look. */
        RELEASE
    }

    /** A state and what to do on the way to it. */
    record Step(BellState next, Output output) {}

    /** A bridge that has just begun. */
    static final BellState INITIAL = new BellState(Mode.OFF_DUTY, false);

    Step on(Input input) {
        return switch (input) {
            case ON_DUTY -> mode == Mode.OFF_DUTY ? to(Mode.AWAKE, asked, Output.LOOK) : stay();
            case OFF_DUTY -> to(Mode.OFF_DUTY, asked, mode == Mode.ASLEEP ? Output.RELEASE : Output.NOTHING);
            case IDLE -> mode == Mode.AWAKE && !asked ? to(Mode.AWAKE, true, Output.ASK) : stay();
            case BUSY -> mode == Mode.ASLEEP ? to(Mode.AWAKE, false, Output.RELEASE) : stay();
            case GRANTED ->
                mode == Mode.AWAKE && asked
                        ? to(Mode.ASLEEP, false, Output.LOOK)
                        // Not wanted any more.
                        : to(mode, false, Output.RELEASE);
            case REFUSED -> to(mode, false, mode == Mode.AWAKE ? Output.LOOK : Output.NOTHING);
            case LOST -> to(mode == Mode.ASLEEP ? Mode.AWAKE : mode, false, Output.LOOK);
        };
    }

    private Step stay() {
        return new Step(this, Output.NOTHING);
    }

    private static Step to(Mode mode, boolean asked, Output output) {
        return new Step(new BellState(mode, asked), output);
    }
}
