package io.pgnetty.web;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.pgnetty.postgres.DatabaseFailure;
import io.pgnetty.postgres.PageStatements;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** The lists, the history of a request, and the orders. Paths are those that the page asks for. */
final class Api {

    private static final int LONGEST_SEARCH = 200;
    private static final Pattern REQUEST = Pattern.compile("/api/requests/([0-9]{1,18})(?:/(cancel|redeliver))?");
    private static final Set<String> PAUSES = Set.of("/api/pause", "/api/resume");
    private static final String NEEDS_TOKEN =
            "start the bridge with --admin-token-file: without a token, what requests say is not shown, and nothing can be changed";

    private static final JsonMapper JSON = JsonMapper.shared();

    private final PageStatements statements;
    private final boolean mayOrder;
    private final SharedReads reads = new SharedReads();

    /** What is answered. */
    record Answer(HttpResponseStatus status, String json) {

        static Answer of(HttpResponseStatus status, String name, Object value) {
            return new Answer(status, JSON.writeValueAsString(Map.of(name, value)));
        }
    }

    Api(PageStatements statements, boolean mayOrder) {
        this.statements = statements;
        this.mayOrder = mayOrder;
    }

    /** Errors as the database does. */
    Mono<Answer> answer(String method, String path, String uri) {
        Map<String, List<String>> query;
        try {
            query = new QueryStringDecoder(uri).parameters();
        } catch (IllegalArgumentException e) {
            return refused(HttpResponseStatus.BAD_REQUEST, "the query is not percent-encoded as it should be");
        }
        if (query.values().stream().flatMap(List::stream).anyMatch(Api::hasControlCharacter)) {
            return refused(HttpResponseStatus.BAD_REQUEST, "the query has a control character");
        }
        Matcher request = REQUEST.matcher(path);
        boolean orders = PAUSES.contains(path) || (request.matches() && request.group(2) != null);
        if (!method.equals(orders ? "POST" : "GET")) {
            return refused(
                    HttpResponseStatus.METHOD_NOT_ALLOWED, orders ? "orders are POST requests" : "this is read by GET");
        }
        return orders ? order(path, request, query) : read(path, request, query);
    }

    private Mono<Answer> read(String path, Matcher request, Map<String, List<String>> query) {
        if (path.equals("/api/access")) {
            return Mono.just(Answer.of(HttpResponseStatus.OK, "may_order", mayOrder));
        }
        if (path.equals("/api/requests")) {
            return list(parameter(query, "list"), parameter(query, "search").strip());
        }
        if (!request.matches()) {
            return refused(HttpResponseStatus.NOT_FOUND, "there is no such page");
        }
        return mayOrder
                ? found(reads.read(path, () -> statements.request(Long.parseLong(request.group(1)))))
                : refused(HttpResponseStatus.FORBIDDEN, NEEDS_TOKEN);
    }

    private Mono<Answer> list(String list, String search) {
        if (search.length() > LONGEST_SEARCH) {
            return refused(HttpResponseStatus.BAD_REQUEST, "the search is longer than 200 characters");
        }
        return switch (list) {
            case "waiting" -> found(reads.read("waiting " + search, () -> statements.waiting(false, search)));
            case "retrying" -> found(reads.read("retrying " + search, () -> statements.waiting(true, search)));
            case "dead" -> found(reads.read("dead " + search, () -> statements.dead(search)));
            case "answered" -> found(reads.read("answered " + search, () -> statements.answered(false, search)));
            case "failed" -> found(reads.read("failed " + search, () -> statements.answered(true, search)));
            default -> refused(HttpResponseStatus.BAD_REQUEST, "list is waiting, retrying, dead, answered or failed");
        };
    }

    private Mono<Answer> order(String path, Matcher request, Map<String, List<String>> query) {
        if (!mayOrder) {
            return refused(HttpResponseStatus.FORBIDDEN, NEEDS_TOKEN);
        }
        String action = PAUSES.contains(path) ? path.substring("/api/".length()) : request.group(2);
        String target = PAUSES.contains(path) ? parameter(query, "host") : request.group(1);
        return statements
                .operate(action, target)
                .doOnNext(taken -> reads.forget())
                .map(taken -> Answer.of(HttpResponseStatus.OK, "taken", taken))
                .onErrorResume(
                        DatabaseFailure::blamesARow,
                        error -> refused(HttpResponseStatus.BAD_REQUEST, DatabaseFailure.reason(error)));
    }

    private static boolean hasControlCharacter(String value) {
        return value.chars().anyMatch(Character::isISOControl);
    }

    private static String parameter(Map<String, List<String>> query, String name) {
        return query.getOrDefault(name, List.of("")).get(0);
    }

    private static Mono<Answer> found(Mono<String> json) {
        return json.map(text -> new Answer(HttpResponseStatus.OK, text));
    }

    private static Mono<Answer> refused(HttpResponseStatus status, String problem) {
        return Mono.just(Answer.of(status, "problem", problem));
    }
}
