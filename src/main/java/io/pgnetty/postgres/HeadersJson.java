package io.pgnetty.postgres;

import io.pgnetty.request.Header;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/** Headers as the tables hold them: a JSON object; a repeated header is an array. */
final class HeadersJson {

    /** What the queue's gate has let in is bounded there; a limit of the parser's would only fail a claim. */
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .build();

    private HeadersJson() {}

    /** Reads what {@code accept_request} let in: strings, numbers and booleans, nulls (left out), arrays of these. */
    static List<Header> read(String json) {
        List<Header> headers = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(json)) {
            String name = "";
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.PROPERTY_NAME) {
                    name = parser.currentName();
                } else if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
                    headers.add(new Header(name, parser.getString()));
                }
            }
        }
        return headers;
    }

    /** Writes response headers; names that differ in case only are one, as first spelt. */
    static String write(List<Header> headers, TextEncoding encoding) {
        Map<String, String> spelling = new LinkedHashMap<>();
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Header header : headers) {
            String key = header.name().toLowerCase(Locale.ROOT);
            spelling.putIfAbsent(key, encoding.representable(header.name()));
            values.computeIfAbsent(key, k -> new ArrayList<>(1)).add(encoding.representable(header.value()));
        }
        Map<String, Object> object = new LinkedHashMap<>();
        values.forEach(
                (key, list) -> object.put(spelling.getOrDefault(key, key), list.size() == 1 ? list.get(0) : list));
        return JSON.writeValueAsString(object);
    }
}
