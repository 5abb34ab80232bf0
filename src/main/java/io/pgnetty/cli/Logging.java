package io.pgnetty.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.pgnetty.config.LogFormat;
import net.logstash.logback.encoder.LogstashEncoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the log to standard error, in the format that was asked for. */
public final class Logging {

    private static final String PATTERN = "%d{HH:mm:ss.SSS} %-5level %msg%replace( %kvp){'^ $', ''}%n";

    private Logging() {}

    /**
     * Sets the log up; may be called again.
     *
     * @param level of our own log, such as {@code INFO}
     */
    public static void configure(LogFormat format, Level level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Encoder<ILoggingEvent> encoder = format == LogFormat.JSON ? json(context) : text(context);
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        // Not context.reset(): it lets everything through for a moment, which threads that log just then would use.
        root.setLevel(Level.WARN);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
        context.getLogger("pgnetty").setLevel(level);
        // What these warn of (a connection lost, a query cancelled by a stop) is an event of ours, said once and with
        // its reason.
        context.getLogger("io.r2dbc").setLevel(Level.ERROR);
        context.getLogger("io.r2dbc.postgresql.client").setLevel(Level.OFF);
        context.getLogger("reactor.netty").setLevel(Level.ERROR);
    }

    private static Encoder<ILoggingEvent> json(LoggerContext context) {
        LogstashEncoder encoder = new LogstashEncoder();
        encoder.setContext(context);
        encoder.setIncludeCallerData(false);
        encoder.setIncludeMdc(false);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> text(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        return encoder;
    }
}
