package io.pgnetty.observe;

import io.pgnetty.request.Outcome;
import io.pgnetty.request.QueuedRequest;
import io.pgnetty.request.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Everything that happens. Logs, meters and tests are listeners of it; the core knows none of them. */
public sealed interface Event {

    /** An event about requests: which ones, their hosts, and when it happened, as listeners may get it later. */
    sealed interface OfRequests extends Event {

        /** The requests, at least one. */
        List<Subject> subjects();

        /** When it happened. */
        Instant at();
    }

    /**
     * The name of a request in events.
     *
     * @param host the one that it was queued for
     */
    record Subject(long id, String host) {

        /** A request's. */
        public static Subject of(QueuedRequest request) {
            return new Subject(request.id(), request.host());
        }
    }

    /** The bridge has begun to connect. {@code settings} are those in force, without secrets. */
    record Starting(String name, String version, String database, String settings) implements Event {}

    /** Listening and claiming; said again after every time that it was not. */
    record Ready(String name) implements Event {}

    /** The database, the schema or a privilege is missing; the bridge tries again after {@code retryIn}. */
    record CutOff(String reason, Duration retryIn) implements Event {}

    /** The connection that listens was lost; it is opened again after {@code retryIn}. */
    record ListenLost(String reason, Duration retryIn) implements Event {}

    /** What a claim brought could not be read; nothing is sent until that is mended, tried after {@code retryIn}. */
    record ClaimUnreadable(String reason, Duration retryIn, Throwable error) implements Event {}

    /** A bug has ended the pipeline; {@code /livez} fails, so that the process is replaced. */
    record Broken(Throwable error) implements Event {}

    /** LISTEN is in force, on a connection opened for the {@code connections}-th time. */
    record Listening(long connections) implements Event {}

    /** This bridge became the leader, which polls so that senders need not notify, or is not the leader any more. */
    record Leadership(boolean on) implements Event {}

    /** A session that is not a bridge's holds the idle lock, so that every commit notifies; emitted once. */
    record IdleLockContested(String holder) implements Event {}

    /** Too much fails at a host: its requests wait in the table for {@code pause}, then one goes out as a probe. */
    record CircuitBreakerOpened(String host, Duration pause) implements Event {}

    /** A probe was answered: requests go to the host again. */
    record CircuitBreakerClosed(String host) implements Event {}

    /** A notification has come. */
    record Notified() implements Event {}

    /** A claim returned {@code count} requests. */
    record Claimed(int count, Duration took) implements Event {}

    /** A request goes out; {@code waited} counts from its insert. */
    record Sending(QueuedRequest request, Duration waited, Instant at) implements OfRequests {

        @Override
        public List<Subject> subjects() {
            return List.of(Subject.of(request));
        }
    }

    /** An attempt has ended; its result is not yet in the database. */
    record Sent(QueuedRequest request, Outcome outcome, Verdict verdict, Duration took, Instant at)
            implements OfRequests {

        @Override
        public List<Subject> subjects() {
            return List.of(Subject.of(request));
        }
    }

    /** A connection that was used again had ended before the request: it is sent once more, on a fresh one. */
    record ConnectionRetried(Subject subject, Instant at) implements OfRequests {

        @Override
        public List<Subject> subjects() {
            return List.of(subject);
        }
    }

    /** This machine had nothing left for a connection: the request goes back to the queue, and counts as not sent. */
    record Unsent(Subject subject, String reason, Instant at) implements OfRequests {

        @Override
        public List<Subject> subjects() {
            return List.of(subject);
        }
    }

    /** The sequence of ids had been set back, and goes on after this one. */
    record IdsAdvanced(long id) implements Event {}

    /** The egress rules refuse it, and those of another bridge may allow it: it goes back to the queue, unsent. */
    record LeftToOthers(Subject subject, String reason, Instant at) implements OfRequests {

        @Override
        public List<Subject> subjects() {
            return List.of(subject);
        }
    }

    /** This machine has nothing left for connections, so fewer requests are claimed; said once, until it is over. */
    record Shortage(String reason) implements Event {}

    /** All slots may be in use again. */
    record ShortageOver() implements Event {}

    /** The bridges whose egress rules are not those of this one, each with its rules; none any more where it is empty. */
    record EgressRulesDiffer(List<String> others) implements Event {}

    /** A connection was refused by the egress rules; the address goes to the log only. */
    record EgressDenied(String host, int port, String address, String rule) implements Event {}

    /** An exception behind a failure that no rule explains. */
    record Unexplained(Subject subject, Throwable error, Instant at) implements OfRequests {

        @Override
        public List<Subject> subjects() {
            return List.of(subject);
        }
    }

    /** A batch of results is in the database. */
    record WrittenBack(int count, Duration took) implements Event {}

    /** A batch could not be written; it is tried again, row by row where a single row may be to blame. */
    record WriteBackFailed(int count, String reason) implements Event {}

    /** The database refuses a result even when it is written alone; the request is kept in the queue with the reason. */
    record Parked(Subject subject, String reason, Instant at) implements OfRequests {

        @Override
        public List<Subject> subjects() {
            return List.of(subject);
        }
    }

    /** Leases were over: these requests are not sent, or sent no further, or their results came too late and are dropped. */
    record LeaseLost(List<Subject> subjects, Instant at) implements OfRequests {}

    /** Claims have stopped: results cannot be written; said once, until they can. */
    record WriteBackStopped(String reason) implements Event {}

    /** Requests of a bridge that died were given back to the queue. */
    record Requeued(int count) implements Event {}

    /** Old rows were deleted: responses, parked requests, dead letters or hosts. */
    record Expired(int count) implements Event {}

    /** The schema was upgraded under this bridge, or downgraded: it ends. */
    record Outdated(String problem) implements Event {}

    /** {@code net.worker_restart()} asked for new connections. */
    record RestartRequested() implements Event {}

    /** A function of on_response failed; {@code retryIn} is empty where it is not called again. */
    record CallbackFailed(long request, String function, String reason, Optional<Duration> retryIn) implements Event {}

    /** A chore failed; it is retried automatically. */
    record ChoreFailed(String chore, String reason) implements Event {}

    /** SIGTERM or Ctrl-C: no more claims; requests in flight have {@code limit} to finish. */
    record Draining(int inFlight, Duration limit) implements Event {}

    /**
     * Stopped; {@code released} requests went back to the queue unanswered, {@code begun} of them were being sent. The results of {@code lost}
     * could not be written, nor could they be given back.
     */
    record Stopped(int released, int begun, int lost, Duration took) implements Event {}
}
