package io.pgnetty.http.wire;

/** The blanks and tabs around the value of a header field, which do not belong to it (RFC 9110, section 5.5). */
public final class Blanks {

    private Blanks() {}

    /** A value without them. */
    public static String without(String value) {
        int begin = 0;
        int end = value.length();
        while (begin < end && isBlank(value.charAt(begin))) {
            begin++;
        }
        while (begin < end && isBlank(value.charAt(end - 1))) {
            end--;
        }
        return value.substring(begin, end);
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
