package io.pgnetty.cli;

import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.NotReadyException;
import io.pgnetty.service.BindException;

/** What ends a command, in one line. */
final class Failure {

    private Failure() {}

    static String line(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null && isWrapper(cause)) {
            cause = cause.getCause();
        }
        if (cause instanceof NotReadyException || cause instanceof BindException || cause instanceof CommandFailure) {
            return String.valueOf(cause.getMessage());
        }
        if (DatabaseFailure.sqlState(cause).filter("55P03"::equals).isPresent()) {
            return "another session holds a lock that this needs: let its transaction end (pg_stat_activity, pg_locks), and try "
                    + "again";
        }
        return DatabaseFailure.reason(cause);
    }

    /** Reactor's blocking calls wrap checked exceptions. */
    private static boolean isWrapper(Throwable error) {
        return error.getClass() == RuntimeException.class
                || error.getClass().getSimpleName().equals("ReactiveException");
    }

    /** A command cannot go on; its message is the line. */
    static final class CommandFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CommandFailure(String message) {
            super(message);
        }
    }
}
