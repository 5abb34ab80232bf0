package io.pgnetty.cli;

import io.pgnetty.config.ProgramVersion;
import picocli.CommandLine.IVersionProvider;

/** This program's version, and that of Java. */
public final class Version implements IVersionProvider {

    /** Such as {@code 0.1.0}. */
    public static String current() {
        return ProgramVersion.current();
    }

    @Override
    public String[] getVersion() {
        return new String[] {"pgnetty " + current(), "Java " + System.getProperty("java.version")};
    }
}
