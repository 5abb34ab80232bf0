package io.pgnetty.request;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One header line.
 *
 * @param name as written by whoever set it; names that differ in case only are the same (RFC 9110, section 5.1)
 * @param value text, one character a byte only where the sender's bytes were no UTF-8
 */
public record Header(String name, String value) {

    /** The value of the first header of that name, or null. */
    public static @Nullable String first(List<Header> headers, String name) {
        for (Header header : headers) {
            if (header.name().equalsIgnoreCase(name)) {
                return header.value();
            }
        }
        return null;
    }
}
