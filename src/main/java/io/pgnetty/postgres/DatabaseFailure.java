package io.pgnetty.postgres;

import io.r2dbc.postgresql.api.ErrorDetails;
import io.r2dbc.postgresql.api.PostgresqlException;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a failed statement or connection means for us, by its SQLSTATE (PostgreSQL documentation, appendix A). */
public final class DatabaseFailure {

    private static final Set<String> LOGIN_REFUSED = Set.of("28000", "28P01", "3D000");
    private static final Set<String> PASSING = Set.of("08", "25", "40", "53", "57P", "58");

    private static final Set<String> AWAY_CLASSES = Set.of("08", "53", "57", "58");

    private DatabaseFailure() {}

    /** The SQLSTATE; empty where the failure is not the server's word. */
    public static Optional<String> sqlState(Throwable error) {
        for (@Nullable Throwable t = error; t != null; t = t.getCause()) {
            if (t instanceof R2dbcException exception && exception.getSqlState() != null) {
                return Optional.of(exception.getSqlState());
            }
        }
        return Optional.empty();
    }

    /** Whether trying again with the same login can only end in the same way. */
    public static boolean loginRefused(Throwable error) {
        return sqlState(error).filter(LOGIN_REFUSED::contains).isPresent();
    }

    /** Whether the database cannot be reached, or not now: waiting may help, another login or command would not. */
    public static boolean away(Throwable error) {
        for (@Nullable Throwable t = error; t != null; t = t.getCause()) {
            if (t instanceof SSLException || t.getClass().getSimpleName().contains("Ssl") || noPassword(t)) {
                return false;
            }
        }
        return sqlState(error)
                .map(state -> AWAY_CLASSES.contains(state.substring(0, 2)))
                .orElse(true);
    }

    /**
     * Whether the statement itself is not to blame, so that the same one is tried again: a lost connection, a deadlock, a
     * server that stops or is read-only, a full disk, too many connections. Anything else may be the fault of one row, or of
     * a trigger on it.
     */
    public static boolean passing(Throwable error) {
        Optional<String> state = sqlState(error);
        if (state.isPresent()) {
            return PASSING.stream().anyMatch(state.get()::startsWith);
        }
        for (@Nullable Throwable t = error; t != null; t = t.getCause()) {
            if (t instanceof R2dbcException || t instanceof IOException || t instanceof TimeoutException) {
                return true;
            }
        }
        return false;
    }

    /** One line for the log and for {@code /readyz}: the server's message and hint, or what became of the connection. */
    public static String reason(Throwable error) {
        for (@Nullable Throwable t = error; t != null; t = t.getCause()) {
            if (t instanceof ConnectException) {
                return "connection refused";
            }
            if (t instanceof UnknownHostException) {
                return "unknown host";
            }
            if (noPassword(t)) {
                return "the server asks for a password and none is given: put it into the URL, or into PGPASSWORD";
            }
        }
        for (@Nullable Throwable t = error; t != null; t = t.getCause()) {
            boolean ofTheServer = t.getCause() == null;
            if (t instanceof PostgresqlException exception && ofTheServer) {
                ErrorDetails details = exception.getErrorDetails();
                return details.getMessage()
                        + details.getHint().map(hint -> ". " + hint).orElse("") + " (SQLSTATE " + details.getCode()
                        + ")";
            }
        }
        Throwable deepest = error;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return message == null
                ? deepest.getClass().getSimpleName()
                : message.lines().findFirst().orElse(message);
    }

    /** The driver's way to say that it was asked for a password that it does not have. */
    private static boolean noPassword(Throwable error) {
        String message = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
        return error instanceof IllegalArgumentException && message.contains("password");
    }
}
