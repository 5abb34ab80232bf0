package io.pgnetty.cli;

import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.NotReadyException;
import io.pgnetty.service.BindException;
import reactor.core.Exceptions;

/** What ends a command, in one line. */
final class Failure {

    private Failure() {}

    static String line(Throwable error) {
        // Reactor's blocking calls wrap checked exceptions.
        Throwable cause = Exceptions.unwrap(error);
        if (cause instanceof NotReadyException || cause instanceof BindException || cause instanceof CommandFailure) {
            return String.valueOf(cause.getMessage());
        }
        if (DatabaseFailure.locked(cause)) {
            return "another session holds a lock that this command needs: end its transaction (see pg_stat_activity, pg_locks) and try "
                    + "again";
        }
        return DatabaseFailure.reason(cause);
    }

    /** A command cannot go on; its message is the line. */
    static final class CommandFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CommandFailure(String message) {
            super(message);
        }
    }
}
