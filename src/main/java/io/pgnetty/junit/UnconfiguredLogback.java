package io.pgnetty.junit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.layout.TTLLLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** A project without a configuration for Logback would print each statement of the drivers. */
final class UnconfiguredLogback {

    private UnconfiguredLogback() {}

    /** Prints warnings, and what the bridge logs, if nobody has said what is to be printed; else changes nothing. */
    static void hush() {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        // By its name: the application may have left Logback out.
        if (factory.getClass().getName().equals("ch.qos.logback.classic.LoggerContext")) {
            hush((LoggerContext) factory);
        }
    }

    private static void hush(LoggerContext context) {
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        if (root.getLevel() == Level.DEBUG && isDefault(root.getAppender("console"))) {
            root.setLevel(Level.WARN);
            context.getLogger("pgnetty").setLevel(Level.INFO);
        }
    }

    /** Only Logback's own stand-in for a configuration has this layout. */
    private static boolean isDefault(Appender<ILoggingEvent> appender) {
        return appender instanceof ConsoleAppender<ILoggingEvent> console
                && console.getEncoder() instanceof LayoutWrappingEncoder<ILoggingEvent> encoder
                && encoder.getLayout() instanceof TTLLLayout;
    }
}
