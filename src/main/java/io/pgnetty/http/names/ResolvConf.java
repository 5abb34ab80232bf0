package io.pgnetty.http.names;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code resolv.conf} says ({@code man 5 resolv.conf}).
 *
 * @param servers in the order in which they are asked; none where the file names none
 * @param search the search domains
 * @param options how they are asked
 */
record ResolvConf(List<InetSocketAddress> servers, List<String> search, Options options) {

    private static final int PORT = 53;
    private static final int MAX_SERVERS = 3;
    private static final int MAX_SEARCH = 32;

    /**
     * How the servers are asked.
     *
     * @param timeout of one query
     * @param attempts how often each server is asked at most
     * @param ndots a name with fewer dots is looked up in the search domains first
     * @param rotate whether queries begin with another server each time
     */
    record Options(Duration timeout, int attempts, int ndots, boolean rotate) {

        private static final Pattern NUMBER = Pattern.compile("(timeout|attempts|ndots):([0-9]{1,4})");

        /** A packet may be lost: that costs a second, and not five as with libc. */
        static final Options DEFAULT = new Options(Duration.ofSeconds(1), 5, 1, false);

        /** With one more of them, within the limits of libc; what is not known is left out. */
        Options with(String option) {
            if (option.equals("rotate")) {
                return new Options(timeout, attempts, ndots, true);
            }
            Matcher matcher = NUMBER.matcher(option);
            if (!matcher.matches()) {
                return this;
            }
            int value = Integer.parseInt(matcher.group(2));
            return switch (matcher.group(1)) {
                case "timeout" -> new Options(Duration.ofSeconds(clamp(value, 1, 30)), attempts, ndots, rotate);
                case "attempts" -> new Options(timeout, clamp(value, 1, 5), ndots, rotate);
                default -> new Options(timeout, attempts, clamp(value, 0, 15), rotate);
            };
        }

        private static int clamp(int value, int min, int max) {
            return Math.max(min, Math.min(value, max));
        }
    }

    /** Reads the file; the defaults hold where there is none. */
    static ResolvConf read(Path file) {
        try {
            return parse(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return parse(List.of());
        }
    }

    /** Of several search lines the last one counts; what is not understood is left out. */
    static ResolvConf parse(List<String> lines) {
        List<InetSocketAddress> servers = new ArrayList<>();
        List<String> search = List.of();
        Options options = Options.DEFAULT;
        for (String line : lines) {
            List<String> words =
                    Arrays.asList(line.replaceFirst("[#;].*", "").strip().split("\\s+"));
            List<String> values = words.subList(1, words.size());
            switch (words.get(0)) {
                case "nameserver" -> server(values).ifPresent(servers::add);
                case "search", "domain" ->
                    search = values.stream().limit(MAX_SEARCH).toList();
                case "options" -> {
                    for (String option : values) {
                        options = options.with(option);
                    }
                }
                default -> {
                    // Sort lists, and what other systems have.
                }
            }
        }
        return new ResolvConf(servers.stream().limit(MAX_SERVERS).toList(), search, options);
    }

    private static Optional<InetSocketAddress> server(List<String> values) {
        String literal = values.isEmpty() ? "" : values.get(0);
        if (!NetUtil.isValidIpV4Address(literal) && !NetUtil.isValidIpV6Address(literal)) {
            return Optional.empty();
        }
        try {
            // A literal, with a scope where it has one: nothing is looked up.
            return Optional.of(new InetSocketAddress(InetAddress.getByName(literal), PORT));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
