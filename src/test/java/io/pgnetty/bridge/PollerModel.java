package io.pgnetty.bridge;

import io.pgnetty.bridge.PollerState.Input;
import io.pgnetty.bridge.PollerState.Mode;
import io.pgnetty.bridge.PollerState.Output;
import io.pgnetty.bridge.PollerState.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The quiet notifications as a finite world: senders, bridges, PostgreSQL's advisory lock, the lease of the leadership, and faults, in steps as
 * small as the real ones can be seen from outside. Walks through all that can come of them.
 */
final class PollerModel {

    /** What the bridges do: the real one, or one with a fault. */
    @FunctionalInterface
    interface Machine {
        Step on(PollerState state, Input input);
    }

    /** What PostgreSQL and the statements do: the real ones, or such as would be wrong. */
    enum Rules {
        REAL,
        LOOK_IN_THE_STATEMENT_THAT_LOCKS,
        LOCK_IS_RELEASED_BEFORE_THE_COMMIT_IS_SEEN
    }

    /** How many states there are, and the steps to one that loses a request, if there is one. */
    record Result(int states, List<String> violation) {}

    private enum Sender {
        IDLE,
        QUIET,
        RINGING,
        /** What it queued can be seen, its lock is not released yet. */
        ENDING,
        /** Its lock is released, what it queued cannot be seen yet: not so in PostgreSQL. */
        EARLY
    }

    private enum Life {
        RUNNING,
        STOPPED,
        DEAD
    }

    private enum Lock {
        NONE,
        WAITING,
        HELD
    }

    private enum Answer {
        NONE,
        GRANTED,
        REFUSED
    }

    private enum Stranger {
        NONE,
        SHARED,
        EXCLUSIVE
    }

    private enum Beat {
        NONE,
        ON,
        OFF
    }

    private static final int NOBODY = -1;

    private final int bridges;
    private final int senders;
    private final int transactions;
    private final int faults;
    private final Rules rules;
    private final Machine machine;

    /**
     * @param transactions of each sender
     * @param faults kills, stops, lost connections, late heartbeats, strangers; that many in all
     */
    PollerModel(int bridges, int senders, int transactions, int faults, Rules rules, Machine machine) {
        this.bridges = bridges;
        this.senders = senders;
        this.transactions = transactions;
        this.faults = faults;
        this.rules = rules;
        this.machine = machine;
    }

    Result explore() {
        Map<Key, Key> from = new HashMap<>();
        Deque<World> open = new ArrayDeque<>();
        World start = new World();
        open.add(start);
        from.put(start.key(), start.key());
        while (!open.isEmpty()) {
            World world = open.poll();
            Key key = world.key();
            if (world.losesARequest()) {
                return new Result(from.size(), path(from, key));
            }
            for (World next : world.steps()) {
                if (from.putIfAbsent(next.key(), key) == null) {
                    open.add(next);
                }
            }
        }
        return new Result(from.size(), List.of());
    }

    /** Goes the way again, from its end to its start and back, for the names of its steps. */
    private List<String> path(Map<Key, Key> from, Key end) {
        List<Key> keys = new ArrayList<>(List.of(end));
        for (Key key = end; !from.get(key).equals(key); key = from.get(key)) {
            keys.add(0, from.get(key));
        }
        List<String> names = new ArrayList<>();
        World world = new World();
        for (Key key : keys.subList(1, keys.size())) {
            world = world.steps().stream()
                    .filter(next -> next.key().equals(key))
                    .findFirst()
                    .orElseThrow();
            names.add(world.step);
        }
        return names;
    }

    /** A world in few bytes: there are millions. */
    private record Key(long bridges, long others) {}

    private static final class BridgeSide {
        private PollerState state = PollerState.INITIAL;
        private Life life = Life.RUNNING;

        /** Its session on the server. */
        private boolean connected = true;

        private Lock lock = Lock.NONE;

        /** Statements on their way to the session: A asks, R releases. */
        private String statements = "";

        /** On their way back. */
        private Answer answer = Answer.NONE;

        private boolean rung;
        private boolean lost;
        private Beat beat = Beat.NONE;
        private boolean lookDue;

        /** What a look that has begun sees, one bit a request. */
        private int looking = NOBODY;

        private int snapshotOfAsk = NOBODY;

        /** The server ends the session; the bridge will hear of it. */
        void disconnect() {
            connected = false;
            lost = true;
            lock = Lock.NONE;
            statements = "";
            answer = Answer.NONE;
            rung = false;
        }

        BridgeSide copy() {
            BridgeSide copy = new BridgeSide();
            copy.state = state;
            copy.life = life;
            copy.connected = connected;
            copy.lock = lock;
            copy.statements = statements;
            copy.answer = answer;
            copy.rung = rung;
            copy.lost = lost;
            copy.beat = beat;
            copy.lookDue = lookDue;
            copy.looking = looking;
            copy.snapshotOfAsk = snapshotOfAsk;
            return copy;
        }

        /** In 31 bits. */
        long key() {
            long key = state.mode().ordinal() * 2L + (state.asked() ? 1 : 0);
            key = key << 2 | life.ordinal();
            key = key << 2 | lock.ordinal();
            key = key << 2 | answer.ordinal();
            key = key << 2 | beat.ordinal();
            key = key << 4 | (connected ? 8 : 0) | (rung ? 4 : 0) | (lost ? 2 : 0) | (lookDue ? 1 : 0);
            long sent = 0;
            for (char statement : statements.toCharArray()) {
                sent = sent * 3 + (statement == 'A' ? 1 : 2);
            }
            if (sent > 63) {
                throw new IllegalStateException("more statements on their way than a bridge sends: " + statements);
            }
            key = key << 6 | sent;
            return key << 10 | (looking + 1L) << 5 | (snapshotOfAsk + 1L);
        }
    }

    private final class World {
        private final Sender[] sender = new Sender[senders];
        private final int[] left = new int[senders];
        private final BridgeSide[] bridge = new BridgeSide[bridges];

        /** Requests that are committed, and those that no look has seen. One bit each. */
        private int committed;

        private int unseen;
        private int isLeader = NOBODY;
        private Stranger stranger = Stranger.NONE;
        private int faultsLeft = faults;
        private String step = "start";

        World() {
            Arrays.fill(sender, Sender.IDLE);
            Arrays.fill(left, transactions);
            Arrays.setAll(bridge, i -> new BridgeSide());
        }

        private Key key() {
            long sides = 0;
            for (BridgeSide side : bridge) {
                sides = sides << 31 | side.key();
            }
            long rest = committed;
            rest = rest << 4 | unseen;
            rest = rest << 2 | (isLeader + 1);
            rest = rest << 2 | stranger.ordinal();
            rest = rest << 2 | faultsLeft;
            for (int i = 0; i < senders; i++) {
                rest = rest << 5 | sender[i].ordinal() << 2 | left[i];
            }
            return new Key(sides, rest);
        }

        private World after(String what, Consumer<World> change) {
            World next = new World();
            System.arraycopy(sender, 0, next.sender, 0, senders);
            System.arraycopy(left, 0, next.left, 0, senders);
            Arrays.setAll(next.bridge, i -> bridge[i].copy());
            next.committed = committed;
            next.unseen = unseen;
            next.isLeader = isLeader;
            next.stranger = stranger;
            next.faultsLeft = faultsLeft;
            next.step = what;
            change.accept(next);
            return next;
        }

        /** A request that is committed and unseen, and nobody is there who will look; unless there is nobody at all. */
        private boolean losesARequest() {
            return unseen != 0
                    && Arrays.stream(bridge).anyMatch(side -> side.life == Life.RUNNING)
                    && !somebodyComesOnDuty()
                    && Arrays.stream(bridge).noneMatch(this::willLook);
        }

        private boolean somebodyComesOnDuty() {
            return isLeader == NOBODY
                    || bridge[isLeader].life != Life.RUNNING
                    || bridge[isLeader].state.mode() == Mode.FOLLOWER;
        }

        private boolean willLook(BridgeSide side) {
            return side.life == Life.RUNNING
                    && (side.lookDue
                            || side.looking != NOBODY && (side.looking & unseen) == unseen
                            || side.state.mode() == Mode.POLLING
                            || side.rung
                            || side.lost
                            || side.answer == Answer.GRANTED);
        }

        private List<World> steps() {
            List<World> next = new ArrayList<>();
            for (int i = 0; i < senders; i++) {
                senderSteps(i, next);
            }
            for (int i = 0; i < bridges; i++) {
                serverSteps(i, next);
                if (bridge[i].life == Life.RUNNING) {
                    bridgeSteps(i, next);
                }
                faultSteps(i, next);
            }
            strangerSteps(next);
            return next;
        }

        private void senderSteps(int i, List<World> next) {
            int request = 1 << (i * transactions + left[i]);
            switch (sender[i]) {
                case IDLE -> {
                    if (left[i] > 0) {
                        boolean quiet = stranger != Stranger.EXCLUSIVE
                                && Arrays.stream(bridge).allMatch(side -> side.lock == Lock.NONE);
                        next.add(after("sender " + i + (quiet ? " inserts quietly" : " inserts and notifies"), w -> {
                            w.left[i]--;
                            w.sender[i] = quiet ? Sender.QUIET : Sender.RINGING;
                        }));
                    }
                }
                case QUIET -> {
                    if (rules == Rules.LOCK_IS_RELEASED_BEFORE_THE_COMMIT_IS_SEEN) {
                        next.add(after("sender " + i + " releases", w -> w.sender[i] = Sender.EARLY));
                    } else {
                        next.add(after("sender " + i + " commits", w -> {
                            w.sees(request);
                            w.sender[i] = Sender.ENDING;
                        }));
                    }
                    next.add(after("sender " + i + " rolls back", w -> w.sender[i] = Sender.IDLE));
                }
                case RINGING -> {
                    next.add(after("sender " + i + " commits and notifies", w -> {
                        w.sees(request);
                        w.sender[i] = Sender.IDLE;
                        for (BridgeSide side : w.bridge) {
                            side.rung |= side.connected;
                        }
                    }));
                    next.add(after("sender " + i + " rolls back", w -> w.sender[i] = Sender.IDLE));
                }
                case ENDING -> next.add(after("sender " + i + " releases", w -> w.sender[i] = Sender.IDLE));
                case EARLY ->
                    next.add(after("sender " + i + " commits", w -> {
                        w.sees(request);
                        w.sender[i] = Sender.IDLE;
                    }));
            }
        }

        private void sees(int request) {
            committed |= request;
            unseen |= request;
        }

        /** What PostgreSQL does for the session of a bridge. */
        private void serverSteps(int i, List<World> next) {
            BridgeSide side = bridge[i];
            if (!side.connected) {
                return;
            }
            if (side.lock == Lock.WAITING) {
                boolean free = stranger == Stranger.NONE
                        && Arrays.stream(sender).noneMatch(s -> s == Sender.QUIET || s == Sender.ENDING)
                        && Arrays.stream(bridge).noneMatch(other -> other.lock == Lock.HELD);
                if (free) {
                    next.add(after("lock granted to " + i, w -> {
                        w.bridge[i].lock = Lock.HELD;
                        w.bridge[i].answer = Answer.GRANTED;
                    }));
                }
                next.add(after("lock refused to " + i, w -> {
                    w.bridge[i].lock = Lock.NONE;
                    w.bridge[i].answer = Answer.REFUSED;
                }));
            } else if (!side.statements.isEmpty() && side.answer == Answer.NONE) {
                next.add(after("session " + i + " runs " + side.statements.charAt(0), w -> {
                    BridgeSide its = w.bridge[i];
                    if (its.statements.charAt(0) == 'A') {
                        its.lock = Lock.WAITING;
                        its.snapshotOfAsk = rules == Rules.LOOK_IN_THE_STATEMENT_THAT_LOCKS ? w.committed : NOBODY;
                    } else {
                        its.lock = Lock.NONE;
                    }
                    its.statements = its.statements.substring(1);
                }));
            }
        }

        private void bridgeSteps(int i, List<World> next) {
            BridgeSide side = bridge[i];
            if (side.beat == Beat.NONE) {
                next.add(after("heartbeat of " + i, w -> {
                    if (w.isLeader == NOBODY) {
                        w.isLeader = i;
                    }
                    w.bridge[i].beat = w.isLeader == i ? Beat.ON : Beat.OFF;
                }));
            } else {
                next.add(after("heartbeat of " + i + " answered", w -> {
                    Input input = w.bridge[i].beat == Beat.ON ? Input.LEADER : Input.FOLLOWER;
                    w.bridge[i].beat = Beat.NONE;
                    w.take(i, input);
                }));
            }
            if (side.answer != Answer.NONE) {
                next.add(after(i + " hears " + side.answer, w -> {
                    Input input = w.bridge[i].answer == Answer.GRANTED ? Input.GRANTED : Input.REFUSED;
                    w.bridge[i].answer = Answer.NONE;
                    w.take(i, input);
                    if (rules == Rules.LOOK_IN_THE_STATEMENT_THAT_LOCKS && input == Input.GRANTED) {
                        w.bridge[i].lookDue = false;
                        w.unseen &= ~w.bridge[i].snapshotOfAsk;
                    }
                }));
            }
            if (side.rung) {
                next.add(after(i + " is rung", w -> {
                    w.bridge[i].rung = false;
                    w.bridge[i].lookDue = true;
                }));
                next.add(after(i + " is rung often", w -> {
                    w.bridge[i].rung = false;
                    w.bridge[i].lookDue = true;
                    w.take(i, Input.BUSY);
                }));
            }
            if (side.lost) {
                next.add(after(i + " connects again", w -> {
                    w.bridge[i].lost = false;
                    w.bridge[i].connected = true;
                    w.bridge[i].lookDue = true;
                    w.take(i, Input.LOST);
                }));
            }
            if (side.state.mode() == Mode.POLLING) {
                if (!side.state.asked()) {
                    next.add(after(i + " has been idle", w -> w.take(i, Input.IDLE)));
                }
                if (!side.lookDue) {
                    next.add(after(i + " ticks", w -> w.bridge[i].lookDue = true));
                }
            }
            if (side.lookDue && side.looking == NOBODY) {
                next.add(after(i + " begins to look", w -> {
                    w.bridge[i].lookDue = false;
                    w.bridge[i].looking = w.committed;
                }));
            }
            if (side.looking != NOBODY) {
                next.add(after(i + " has looked", w -> {
                    w.unseen &= ~w.bridge[i].looking;
                    w.bridge[i].looking = NOBODY;
                }));
            }
        }

        private void faultSteps(int i, List<World> next) {
            BridgeSide side = bridge[i];
            if (side.life == Life.STOPPED) {
                next.add(after(i + " goes on", w -> w.bridge[i].life = Life.RUNNING));
                if (side.lock == Lock.HELD) {
                    next.add(after("session of " + i + " is ended by its successor", w -> w.bridge[i].disconnect()));
                }
            }
            if (isLeader != NOBODY && bridge[isLeader].life != Life.RUNNING && i == 0) {
                next.add(after("leadership runs out", w -> w.isLeader = NOBODY));
            }
            if (faultsLeft == 0 || side.life == Life.DEAD) {
                return;
            }
            if (side.life == Life.RUNNING) {
                next.add(fault(i + " is stopped", w -> w.bridge[i].life = Life.STOPPED));
                next.add(fault(i + " is killed", w -> {
                    w.bridge[i].disconnect();
                    w.bridge[i].life = Life.DEAD;
                    w.bridge[i].lost = false;
                }));
            }
            if (isLeader == i) {
                next.add(fault("leadership of " + i + " runs out unheard", w -> w.isLeader = NOBODY));
            }
            if (side.connected) {
                next.add(fault("connection of " + i + " breaks", w -> w.bridge[i].disconnect()));
            }
        }

        private void strangerSteps(List<World> next) {
            if (stranger != Stranger.NONE) {
                next.add(after("stranger leaves", w -> w.stranger = Stranger.NONE));
                return;
            }
            if (faultsLeft == 0 || Arrays.stream(bridge).anyMatch(side -> side.lock != Lock.NONE)) {
                return;
            }
            next.add(fault("stranger takes the lock, shared", w -> w.stranger = Stranger.SHARED));
            if (Arrays.stream(sender).noneMatch(s -> s == Sender.QUIET || s == Sender.ENDING)) {
                next.add(fault("stranger takes the lock", w -> w.stranger = Stranger.EXCLUSIVE));
            }
        }

        private World fault(String what, Consumer<World> change) {
            return after(what, w -> {
                w.faultsLeft--;
                change.accept(w);
            });
        }

        private void take(int i, Input input) {
            BridgeSide side = bridge[i];
            Step taken = machine.on(side.state, input);
            side.state = taken.next();
            if (taken.output() == Output.POLL || taken.output() == Output.RELEASE) {
                side.lookDue = true;
            }
            // Without a connection a statement fails at once.
            if (taken.output() == Output.ASK && side.connected) {
                side.statements += "A";
            } else if (taken.output() == Output.ASK) {
                side.state = machine.on(side.state, Input.REFUSED).next();
            } else if (taken.output() == Output.RELEASE && side.connected) {
                side.statements += "R";
            }
        }
    }
}
