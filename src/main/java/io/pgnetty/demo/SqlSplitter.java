package io.pgnetty.demo;

import java.util.Optional;

/**
 * Cuts typed text into SQL statements at semicolons, but not those in strings, quoted names, dollar quotes, comments or
 * parentheses (PostgreSQL documentation, section 4.1). Fed line by line.
 */
final class SqlSplitter {

    private final StringBuilder text = new StringBuilder();
    private int scanned;
    private int start;
    private int parentheses;
    private int commentDepth;
    /** What ends the quote that we are in: a quote character, a dollar tag, or a line's end; empty outside. */
    private String until = "";

    private boolean backslashEscapes;

    /** Adds a line, without its end. */
    void add(String line) {
        text.append(line).append('\n');
    }

    /** The next statement that is complete, without its semicolon. */
    Optional<String> next() {
        while (scanned < text.length()) {
            if (step()) {
                String statement = text.substring(start, scanned - 1).strip();
                start = scanned;
                if (!statement.isEmpty()) {
                    return Optional.of(statement);
                }
            }
        }
        return Optional.empty();
    }

    /** What is left and not complete. */
    String rest() {
        return text.substring(start).strip();
    }

    /** Whether the end of a line leaves a statement open. */
    boolean open() {
        return !rest().isEmpty();
    }

    /** Takes one token; true when it was the semicolon that ends a statement. */
    private boolean step() {
        char c = text.charAt(scanned);
        if (commentDepth > 0) {
            comment();
        } else if (!until.isEmpty()) {
            quoted(c);
        } else if (at("--")) {
            until = "\n";
            scanned += 2;
        } else if (at("/*")) {
            comment();
        } else if (c == '\'' || c == '"') {
            backslashEscapes = c == '\'' && scanned > start && escapePrefix();
            until = String.valueOf(c);
            scanned++;
        } else if (c == '$' && !dollarTag().isEmpty()) {
            until = dollarTag();
            scanned += until.length();
        } else {
            parentheses = Math.max(0, parentheses + (c == '(' ? 1 : c == ')' ? -1 : 0));
            scanned++;
            return c == ';' && parentheses == 0;
        }
        return false;
    }

    private void quoted(char c) {
        if (backslashEscapes && c == '\\') {
            scanned = Math.min(text.length(), scanned + 2);
        } else if (at(until)) {
            scanned += until.length();
            until = "";
            backslashEscapes = false;
        } else {
            scanned++;
        }
    }

    private void comment() {
        if (at("/*")) {
            commentDepth++;
            scanned += 2;
        } else if (at("*/")) {
            commentDepth--;
            scanned += 2;
        } else {
            scanned++;
        }
    }

    /** Whether the quote that begins here is of the form E'…'. */
    private boolean escapePrefix() {
        char before = text.charAt(scanned - 1);
        boolean e = before == 'e' || before == 'E';
        return e && (scanned - 2 < start || !Character.isJavaIdentifierPart(text.charAt(scanned - 2)));
    }

    /** The tag of the dollar quote that begins here, such as {@code $body$}; empty when none does. */
    private String dollarTag() {
        if (scanned > start && Character.isJavaIdentifierPart(text.charAt(scanned - 1))) {
            return "";
        }
        int end = scanned + 1;
        while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end)) && text.charAt(end) != '$') {
            end++;
        }
        boolean tag = end < text.length()
                && text.charAt(end) == '$'
                && (end == scanned + 1 || !Character.isDigit(text.charAt(scanned + 1)));
        return tag ? text.substring(scanned, end + 1) : "";
    }

    private boolean at(String token) {
        int end = scanned + token.length();
        return end <= text.length() && token.contentEquals(text.subSequence(scanned, end));
    }
}
