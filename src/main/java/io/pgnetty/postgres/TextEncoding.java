package io.pgnetty.postgres;

import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the database's encoding ({@code server_encoding}) can hold as text. Where we do not know an encoding we count on
 * ASCII alone, so that a response is at worst stored as bytes, and its write-back never fails.
 */
final class TextEncoding {

    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("LATIN1", "ISO-8859-1"),
            Map.entry("LATIN2", "ISO-8859-2"),
            Map.entry("LATIN3", "ISO-8859-3"),
            Map.entry("LATIN4", "ISO-8859-4"),
            Map.entry("LATIN5", "ISO-8859-9"),
            Map.entry("LATIN7", "ISO-8859-13"),
            Map.entry("LATIN9", "ISO-8859-15"),
            Map.entry("ISO_8859_5", "ISO-8859-5"),
            Map.entry("ISO_8859_6", "ISO-8859-6"),
            Map.entry("ISO_8859_7", "ISO-8859-7"),
            Map.entry("ISO_8859_8", "ISO-8859-8"),
            Map.entry("KOI8R", "KOI8-R"),
            Map.entry("KOI8U", "KOI8-U"),
            Map.entry("WIN1250", "windows-1250"),
            Map.entry("WIN1251", "windows-1251"),
            Map.entry("WIN1252", "windows-1252"),
            Map.entry("WIN1253", "windows-1253"),
            Map.entry("WIN1254", "windows-1254"),
            Map.entry("WIN1257", "windows-1257"));

    private final boolean unicode;
    private final Charset charset;

    /** @param serverEncoding PostgreSQL's name of it, such as {@code UTF8} or {@code LATIN1} */
    TextEncoding(String serverEncoding) {
        // SQL_ASCII takes any byte but NUL, so it takes UTF-8.
        this.unicode = serverEncoding.equals("UTF8") || serverEncoding.equals("SQL_ASCII");
        this.charset = Optional.ofNullable(NAMES.get(serverEncoding))
                .filter(Charset::isSupported)
                .map(Charset::forName)
                .orElse(StandardCharsets.US_ASCII);
    }

    /** Whether the database can store the text as it is. */
    boolean holds(String text) {
        return text.indexOf('\0') < 0 && (isAscii(text) || encoder().canEncode(text));
    }

    /** The text with each character that the database cannot hold written out as {@code \\u} and four hexadecimal digits. */
    String representable(String text) {
        if (holds(text)) {
            return text;
        }
        CharsetEncoder encoder = encoder();
        StringBuilder written = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            String letter = new String(Character.toChars(point));
            written.append(point != 0 && encoder.canEncode(letter) ? letter : escaped(letter));
        });
        return written.toString();
    }

    private static String escaped(String letter) {
        return letter.chars().mapToObj(unit -> String.format("\\u%04x", unit)).collect(Collectors.joining());
    }

    private CharsetEncoder encoder() {
        return (unicode ? StandardCharsets.UTF_8 : charset).newEncoder();
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 127) {
                return false;
            }
        }
        return true;
    }
}
