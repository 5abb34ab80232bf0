package io.pgnetty.web;

import io.pgnetty.testing.TestBridge;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a bridge's page as a program does. */
final class PageClient {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final TestBridge bridge;
    private final String token;

    PageClient(TestBridge bridge, String token) {
        this.bridge = bridge;
        this.token = token;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(to(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        return CLIENT.send(
                to(path).method(method, HttpRequest.BodyPublishers.noBody()).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<byte[]> asset(String path, String encoding) throws IOException, InterruptedException {
        return CLIENT.send(
                to(path).header("Accept-Encoding", encoding).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** The stream of live events; its body's end is the test's to close. */
    HttpResponse<InputStream> events() throws IOException, InterruptedException {
        return CLIENT.send(to("/api/events").build(), HttpResponse.BodyHandlers.ofInputStream());
    }

    /** The same, by line. */
    HttpResponse<Stream<String>> lines() throws IOException, InterruptedException {
        return CLIENT.send(to("/api/events").build(), HttpResponse.BodyHandlers.ofLines());
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return JsonMapper.shared().readTree(get(path).body());
    }

    private HttpRequest.Builder to(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + bridge.adminPort() + path));
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }
}
