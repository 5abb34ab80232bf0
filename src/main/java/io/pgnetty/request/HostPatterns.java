package io.pgnetty.request;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The patterns that name a host, the narrowest first: itself, {@code *.example.com} for what is above it, and {@code *}, each with
 * its port first. The same in SQL ({@code net.patterns_of}), by the vectors of {@code host-patterns.txt}.
 */
public final class HostPatterns {

    private static final Pattern PORT = Pattern.compile(":[0-9]+$");

    /** A name of more labels, or longer than any name there is, is found by fewer patterns. */
    private static final int MAX_LABELS = 16;

    private static final int MAX_LENGTH = 255;

    private HostPatterns() {}

    /** Those of a host in its one normal form, with a port that is not its scheme's own. */
    public static List<String> of(String host) {
        Matcher matcher = PORT.matcher(host);
        boolean hasPort = matcher.find();
        List<String> ports = hasPort ? List.of(matcher.group(), "") : List.of(":80", ":443", "");
        String name = (hasPort ? host.substring(0, matcher.start()) : host).replaceFirst("\\.+$", "");
        return names(name).stream()
                .flatMap(one -> ports.stream().map(port -> one + port))
                .toList();
    }

    private static List<String> names(String name) {
        List<String> names = new ArrayList<>();
        names.add(name);
        if (name.length() <= MAX_LENGTH) {
            List<String> labels = Arrays.asList(name.split("\\.", -1));
            for (int i = Math.max(1, labels.size() - MAX_LABELS); i < labels.size(); i++) {
                names.add("*." + String.join(".", labels.subList(i, labels.size())));
            }
        }
        names.add("*");
        return names;
    }
}
