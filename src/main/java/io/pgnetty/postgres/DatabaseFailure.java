package io.pgnetty.postgres;

import io.netty.channel.ConnectTimeoutException;
import io.r2dbc.postgresql.api.ErrorDetails;
import io.r2dbc.postgresql.api.PostgresqlException;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** What a failed statement or connection means for us, by its SQLSTATE (PostgreSQL documentation, appendix A). */
public final class DatabaseFailure {

    private static final Set<String> PASSING = Set.of("08", "25", "40", "53", "57P", "58");

    /** query_canceled, which is what statement_timeout says, and lock_not_available. */
    private static final Set<String> SLOW = Set.of("57014", "55P03");

    private static final Set<String> AWAY_CLASSES = Set.of("08", "53", "57", "58");

    private static final String NO_PASSWORD =
            "the server asks for a password and none is given: put it into the URL, PGPASSWORD, a password file (~/.pgpass, with mode 600) or the file of --url-file";

    private static final String POOLER =
            "This is a pooler, which takes no settings: give its URL as --url, and as --listen-url that of the server itself";

    /** undefined_table, invalid_schema_name, undefined_function, undefined_column. */
    private static final Set<String> MISSING = Set.of("42P01", "3F000", "42883", "42703");

    private static final String NOT_WHOLE =
            "Schema net of this database is gone, or not what this version knows: pgnetty install";

    /** invalid_sql_statement_name, duplicate_prepared_statement. */
    private static final Set<String> STATEMENT_OF_ANOTHER = Set.of("26000", "42P05");

    static final String TRANSACTION_POOLER =
            "This is a pooler in transaction mode: give its URL as --url, and as --listen-url that of the server itself";

    private DatabaseFailure() {}

    /** The SQLSTATE; empty where the failure is not the server's word. */
    public static Optional<String> sqlState(Throwable error) {
        return causes(error)
                .filter(R2dbcException.class::isInstance)
                .flatMap(cause -> Stream.ofNullable(((R2dbcException) cause).getSqlState()))
                .findFirst();
    }

    /** Whether the server refuses the login, or one side the other's certificate: another one is needed, and trying this one again and again does harm. */
    static boolean loginRefused(Throwable error) {
        return sqlState(error).filter(state -> state.startsWith("28")).isPresent()
                || causes(error).anyMatch(cause -> noPassword(cause) || cause instanceof SSLHandshakeException);
    }

    /** Whether the server asks for a password and none is given. */
    static boolean isWithoutPassword(Throwable error) {
        return causes(error).anyMatch(DatabaseFailure::noPassword);
    }

    /** Whether the database cannot be reached, or not now: waiting may help, another login or command would not. */
    public static boolean away(Throwable error) {
        boolean ours = causes(error)
                .anyMatch(cause -> cause instanceof SSLException
                        || cause.getClass().getSimpleName().contains("Ssl")
                        || noPassword(cause));
        return !ours
                && sqlState(error)
                        .map(state -> AWAY_CLASSES.contains(state.substring(0, 2)))
                        .orElse(true);
    }

    /**
     * Whether the statement itself is not to blame, so that the same one is tried again: a lost connection, a deadlock, a
     * server that stops or is read-only, a full disk, too many connections. Anything else may be the fault of one row, or of
     * a trigger on it.
     */
    public static boolean passing(Throwable error) {
        return sqlState(error)
                .map(state -> PASSING.stream().anyMatch(state::startsWith))
                .orElseGet(() -> causes(error)
                        .anyMatch(cause -> cause instanceof R2dbcException
                                || cause instanceof IOException
                                || cause instanceof TimeoutException));
    }

    /** Whether neither the server nor the connection failed: what the server said could not be read. */
    public static boolean unreadable(Throwable error) {
        return sqlState(error).isEmpty()
                && !passing(error)
                && causes(error).noneMatch(NotReadyException.class::isInstance);
    }

    /**
     * Whether a row may be to blame that the statement has met: its data, or what a trigger makes of it. Not the database as a
     * whole, nor a lock or a time limit, nor a right that is missing.
     */
    public static boolean blamesARow(Throwable error) {
        return !passing(error)
                && !slow(error)
                && sqlState(error)
                        .filter(state -> !state.startsWith("42") && !state.startsWith("3"))
                        .isPresent();
    }

    /** Whether the server raised it in a function of that name. */
    static boolean cameThrough(Throwable error, String function) {
        return causes(error)
                .filter(PostgresqlException.class::isInstance)
                .flatMap(cause -> ((PostgresqlException) cause).getErrorDetails().getWhere().stream())
                .anyMatch(
                        where -> where.contains("function " + function + "(") || where.contains("." + function + "("));
    }

    /** Whether somebody has ended the session (pg_terminate_backend). */
    static boolean wasEnded(Throwable error) {
        return sqlState(error).filter(state -> state.equals("57P01")).isPresent();
    }

    /** Whether the statement lost to another: a deadlock, or a serialization failure. */
    public static boolean conflict(Throwable error) {
        return sqlState(error).filter(state -> state.startsWith("40")).isPresent();
    }

    /** Whether the statement waited for a lock longer than it may. */
    public static boolean locked(Throwable error) {
        return sqlState(error).filter("55P03"::equals).isPresent();
    }

    /**
     * Whether the statement did not end in time, behind a lock, or in a trigger, or on a disk that stalls, by the server's
     * word. Our own watchdog speaks of a connection, which is another matter.
     */
    public static boolean slow(Throwable error) {
        return sqlState(error).filter(SLOW::contains).isPresent();
    }

    /** One line for the log and for {@code /readyz}: the server's message and hint, or what became of the connection. */
    public static String reason(Throwable error) {
        return causes(error)
                .flatMap(cause -> ofTheConnection(cause).stream())
                .findFirst()
                .orElseGet(() -> ofTheDeepest(
                        causes(error).reduce((outer, inner) -> inner).orElse(error)));
    }

    private static Optional<String> ofTheConnection(Throwable cause) {
        if (cause instanceof ConnectFailure) {
            return Optional.of(String.valueOf(cause.getMessage()));
        }
        if (cause instanceof SSLHandshakeException) {
            return Optional.of("TLS handshake failed: " + cause.getMessage());
        }
        if (cause instanceof ConnectTimeoutException) {
            return Optional.of("no answer");
        }
        if (cause instanceof ConnectException) {
            return Optional.of("connection refused");
        }
        if (cause instanceof R2dbcTimeoutException
                && String.valueOf(cause.getMessage()).contains("acquisition")) {
            return Optional.of("no connection to the database in time");
        }
        if (cause instanceof UnknownHostException) {
            return Optional.of("unknown host");
        }
        return noPassword(cause) ? Optional.of(NO_PASSWORD) : Optional.empty();
    }

    private static String ofTheDeepest(Throwable cause) {
        if (cause instanceof PostgresqlException exception) {
            ErrorDetails details = exception.getErrorDetails();
            String hint = details.getHint()
                    .or(() -> ourHint(details))
                    .map(text -> ". " + text)
                    .orElse("");
            return details.getMessage() + hint + " (SQLSTATE " + details.getCode() + ")";
        }
        String message = cause.getMessage();
        return message == null
                ? cause.getClass().getSimpleName()
                : message.lines().findFirst().orElse(message);
    }

    private static Optional<String> ourHint(ErrorDetails details) {
        String message = details.getMessage();
        if (message.contains("unsupported startup parameter")) {
            return Optional.of(POOLER);
        }
        if (STATEMENT_OF_ANOTHER.contains(details.getCode())) {
            return Optional.of(TRANSACTION_POOLER);
        }
        boolean missing =
                MISSING.contains(details.getCode()) && message.matches("(?s).*(\"net\\.| net\\.|schema \"net\").*");
        return missing ? Optional.of(NOT_WHOLE) : Optional.empty();
    }

    /** The error and what it was caused by, outermost first. */
    private static Stream<Throwable> causes(Throwable error) {
        return Stream.iterate(error, Objects::nonNull, Throwable::getCause);
    }

    /** The driver's way to say that it was asked for a password that it does not have. */
    private static boolean noPassword(Throwable error) {
        String message = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
        return error instanceof IllegalArgumentException && message.contains("password");
    }
}
