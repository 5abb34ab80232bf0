package io.pgnetty.demo;

import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;

/** Tells the line editor that a statement goes on until its semicolon, and which word the cursor is in. */
final class StatementParser implements Parser {

    private static final String SEPARATORS = " \t\n(),;='";

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
        if (context == ParseContext.ACCEPT_LINE && goesOn(line)) {
            throw new EOFError(-1, cursor, "a statement ends with a semicolon");
        }
        // The cursor's word alone, as nobody asks for the others.
        int begin = edge(line, cursor, -1);
        int end = edge(line, cursor, 1);
        return new TypedWord(line, cursor, line.substring(begin, end), cursor - begin);
    }

    private static int edge(String line, int cursor, int step) {
        int edge = cursor;
        while (step < 0 ? edge > 0 && isOfWord(line, edge - 1) : edge < line.length() && isOfWord(line, edge)) {
            edge += step;
        }
        return edge;
    }

    private static boolean isOfWord(String line, int place) {
        return SEPARATORS.indexOf(line.charAt(place)) < 0;
    }

    @Override
    public boolean isEscapeChar(char ch) {
        return false;
    }

    /** Whether Enter begins another line. */
    private static boolean goesOn(String line) {
        if (Backslash.isOne(line) || Backslash.isWord(line)) {
            return false;
        }
        SqlSplitter splitter = new SqlSplitter();
        line.lines().forEach(splitter::add);
        while (splitter.next().isPresent()) {
            // The last one says.
        }
        return splitter.open();
    }
}
