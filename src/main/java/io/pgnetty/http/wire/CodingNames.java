package io.pgnetty.http.wire;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The codings that header fields name (RFC 9110, section 8.4.1; RFC 9112, section 7), without what stands there and is none. */
public final class CodingNames {

    private static final Set<String> NONE =
            Set.of("", "identity", "none", "utf-8", "utf8", "us-ascii", "iso-8859-1", "8bit", "7bit", "binary");

    private CodingNames() {}

    /** Of all fields of a name, in their order: lower case, without parameters. */
    public static List<String> of(Stream<String> fields) {
        return fields.flatMap(field -> Stream.of(field.split(",")))
                .map(CodingNames::withoutParameters)
                .filter(coding -> !NONE.contains(coding))
                .toList();
    }

    private static String withoutParameters(String coding) {
        int parameters = coding.indexOf(';');
        return (parameters < 0 ? coding : coding.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
    }
}
