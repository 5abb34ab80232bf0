package io.pgnetty.config;

import java.net.IDN;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The one name of a host: lower case, ASCII (RFC 3490), no full stop at its end; an IPv4 address as four decimal numbers, an
 * IPv6 address in brackets as RFC 5952 writes it. The same in SQL ({@code net.canonical_host}), by the vectors of
 * {@code host-names.txt}.
 */
public final class HostName {

    private static final int MAX_GIVEN = 255;
    private static final int MAX_LENGTH = 253;
    private static final int MAX_LABEL = 63;
    private static final String[][] CORRECTED = {
        {"\ud87e\udc68", "\u36fc"},
        {"\ud87e\udc74", "\u5f53"},
        {"\ud87e\udd1f", "\ud850\udfab"},
        {"\ud87e\udd5f", "\u7aee"},
        {"\ud87e\uddbf", "\u45d7"},
    };

    private static final Pattern NAME = Pattern.compile("[!$&'()*+,;=0-9a-z._~-]+");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
    private static final Pattern SIX = Pattern.compile("\\[[0-9A-Fa-f:]{2,39}([0-9]{1,3}(\\.[0-9]{1,3}){3})?]");

    private HostName() {}

    /**
     * The one name of a host as it stands in a URL, without a port.
     *
     * @return empty where it is not a valid host
     */
    public static Optional<String> canonical(String host) {
        if (host.startsWith("[")) {
            return SIX.matcher(host).matches()
                    ? sixth(host.substring(1, host.length() - 1)).map(HostName::text)
                    : Optional.empty();
        }
        if (host.codePointCount(0, host.length()) > MAX_GIVEN) {
            return Optional.empty();
        }
        String name;
        try {
            name = (host.chars().allMatch(c -> c < 128) ? host : IDN.toASCII(corrected(host))).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (name.endsWith(".")) {
            name = name.substring(0, name.length() - 1);
        }
        // Some letters become a slash or a colon on the way to ASCII, and the host would be another.
        if (name.length() > MAX_LENGTH
                || !NAME.matcher(name).matches()
                || !Arrays.stream(name.split("\\.", -1))
                        .allMatch(label -> !label.isEmpty() && label.length() <= MAX_LABEL)) {
            return Optional.empty();
        }
        return fourth(name);
    }

    /** Java normalizes as Unicode 3.2 did, with its five mistakes in ideographs (Unicode Corrigendum 4). */
    private static String corrected(String host) {
        String text = host;
        for (String[] pair : CORRECTED) {
            text = text.replace(pair[0], pair[1]);
        }
        return text;
    }

    /** The address that a name is which ends in a number, as resolvers and browsers read it (WHATWG URL, "IPv4 parser"). */
    private static Optional<String> fourth(String name) {
        String[] parts = name.split("\\.", -1);
        if (!NUMBER.matcher(parts[parts.length - 1]).matches()) {
            return Optional.of(name);
        }
        if (parts.length > 4) {
            return Optional.empty();
        }
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            int bits = i < parts.length - 1 ? 8 : 8 * (5 - parts.length);
            long number = number(parts[i]);
            if (number < 0 || number >= 1L << bits) {
                return Optional.empty();
            }
            address = address << bits | number;
        }
        return Optional.of(
                (address >> 24) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255));
    }

    /** Minus one where it is not a number. */
    private static long number(String text) {
        try {
            if (text.equals("0x")) {
                return 0;
            }
            if (text.startsWith("0x")) {
                return HexFormat.fromHexDigitsToLong(text.length() > 14 ? "" : text.substring(2));
            }
            if (!text.matches("[0-9]{1,16}")) {
                return -1;
            }
            return text.startsWith("0") ? Long.parseLong(text, 8) : Long.parseLong(text);
        } catch (IllegalArgumentException e) {
            return -1;
        }
    }

    /** The eight words of an IPv6 address; the last two may be written as an IPv4 one. */
    private static Optional<int[]> sixth(String text) {
        int gap = text.indexOf("::");
        Optional<List<Integer>> head = words(gap < 0 ? text : text.substring(0, gap), gap < 0);
        Optional<List<Integer>> tail = gap < 0 ? Optional.of(List.of()) : words(text.substring(gap + 2), true);
        if (head.isEmpty() || tail.isEmpty()) {
            return Optional.empty();
        }
        int given = head.get().size() + tail.get().size();
        if (gap < 0 ? given != 8 : given > 7) {
            return Optional.empty();
        }
        int[] words = new int[8];
        for (int i = 0; i < head.get().size(); i++) {
            words[i] = head.get().get(i);
        }
        for (int i = 0; i < tail.get().size(); i++) {
            words[8 - tail.get().size() + i] = tail.get().get(i);
        }
        return Optional.of(words);
    }

    private static Optional<List<Integer>> words(String text, boolean last) {
        List<Integer> words = new ArrayList<>();
        if (text.isEmpty()) {
            return Optional.of(words);
        }
        String[] parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].matches("[0-9A-Fa-f]{1,4}")) {
                words.add(Integer.parseInt(parts[i], 16));
            } else if (last && i == parts.length - 1 && parts[i].matches("([0-9]{1,3}\\.){3}[0-9]{1,3}")) {
                int[] four = Arrays.stream(parts[i].split("\\."))
                        .mapToInt(Integer::parseInt)
                        .toArray();
                if (Arrays.stream(four).anyMatch(octet -> octet > 255)) {
                    return Optional.empty();
                }
                words.add(four[0] << 8 | four[1]);
                words.add(four[2] << 8 | four[3]);
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(words);
    }

    /** As PostgreSQL writes an {@code inet}: the first of the longest runs of zeros is left out. */
    private static String text(int[] words) {
        Zeros zeros = Zeros.longest(words);
        String before = hex(words, 0, zeros.from());
        int rest = zeros.from() + zeros.length();
        String after = zeros.areBeforeFour(words)
                ? hex(words, rest, 6) + (rest < 6 ? ":" : "") + four(words[6], words[7])
                : hex(words, rest, 8);
        return "[" + before + (zeros.length() > 0 ? "::" : "") + after + "]";
    }

    private static String hex(int[] words, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> Integer.toHexString(words[i]))
                .collect(Collectors.joining(":"));
    }

    private static String four(int high, int low) {
        return (high >> 8) + "." + (high & 255) + "." + (low >> 8) + "." + (low & 255);
    }

    /** The first of the longest runs of at least two zeros; none is one of no length at the end. */
    private record Zeros(int from, int length) {

        static Zeros longest(int[] words) {
            Zeros best = new Zeros(8, 0);
            for (int i = 0; i < 8; i++) {
                int end = i;
                while (end < 8 && words[end] == 0) {
                    end++;
                }
                if (end - i > Math.max(best.length, 1)) {
                    best = new Zeros(i, end - i);
                }
            }
            return best;
        }

        /** Whether what follows is written as an address of four numbers. */
        boolean areBeforeFour(int[] words) {
            return from == 0 && (length == 6 || (length == 5 && words[5] == 0xffff));
        }
    }
}
