package io.pgnetty.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** The files of the page, all in this jar: read and compressed once, and kept. */
final class Assets {

    /** A file as it is sent. */
    record Asset(String type, byte[] plain, byte[] gzip) {}

    private static final Map<String, String> FILES = Map.of(
            "/", "/page/index.html",
            "/assets/page.css", "/page/page.css",
            "/assets/page.js", "/page/page.js",
            "/assets/api.js", "/page/api.js",
            "/assets/dom.js", "/page/dom.js",
            "/assets/live.js", "/page/live.js",
            "/assets/lists.js", "/page/lists.js",
            "/assets/chart.js", "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js");

    private final Map<String, Asset> byPath;

    /** Reads files. */
    Assets() {
        byPath = FILES.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, file -> asset(file.getValue())));
    }

    /** Whether a path is one of them. */
    static boolean has(String path) {
        return FILES.containsKey(path);
    }

    Optional<Asset> of(String path) {
        return Optional.ofNullable(byPath.get(path));
    }

    private static String type(String file) {
        if (file.endsWith(".html")) {
            return "text/html; charset=utf-8";
        }
        return file.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
    }

    private static Asset asset(String file) {
        try (InputStream in = Assets.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not in this jar");
            }
            byte[] plain = in.readAllBytes();
            ByteArrayOutputStream compressed = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
                gzip.write(plain);
            }
            return new Asset(type(file), plain, compressed.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
