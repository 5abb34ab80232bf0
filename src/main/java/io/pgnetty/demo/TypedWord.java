package io.pgnetty.demo;

import java.util.List;
import org.jline.reader.CompletingParsedLine;

/** The word that the cursor is in; what completes it is put in as it is, with no escapes of a shell's. */
record TypedWord(String line, int cursor, String word, int wordCursor) implements CompletingParsedLine {

    @Override
    public int wordIndex() {
        return 0;
    }

    @Override
    public List<String> words() {
        return List.of(word);
    }

    @Override
    public CharSequence escape(CharSequence candidate, boolean complete) {
        return candidate;
    }

    @Override
    public int rawWordCursor() {
        return wordCursor;
    }

    @Override
    public int rawWordLength() {
        return word.length();
    }
}
