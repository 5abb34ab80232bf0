package io.pgnetty.bridge;

/** Why a bridge does not do its work, part by part; empty where that part works. Guarded by its {@link Health}. */
final class Reasons {

    String notListening = "not listening yet";
    String notReached = "";
    String notWritten = "";
    String notBeating = "";
    String shortOf = "";

    /** What is said first. */
    String text() {
        if (!notBeating.isEmpty()) {
            return notBeating + (notWritten.isEmpty() ? "" : "; " + notWritten);
        }
        return notReached.isEmpty() && notWritten.isEmpty() ? notListening : both();
    }

    /** One that was met once may be long over while the other one lasts: nobody is to look for the wrong one. */
    private String both() {
        boolean same = notReached.isEmpty() || notWritten.contains(notReached);
        return same ? notWritten : notWritten.isEmpty() ? notReached : notReached + "; " + notWritten;
    }
}
