package io.pgnetty.postgres;

import io.pgnetty.config.DatabaseUrl;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/**
 * What is installed in a database.
 *
 * @param version that installed it; empty of one that did not say
 * @param step the newest step of the schema that was taken; 0 where nothing is installed, or by somebody else, or that
 *     is not known
 * @param roles that may do something with it, by what that is
 * @param bridges names of those that are alive
 */
public record Installed(String version, int step, Map<String, List<String>> roles, List<String> bridges) {

    private static final Installed NOTHING = new Installed("", 0, Map.of(), List.of());

    /** The step that brought net.bridges. */
    private static final int NAMES_BRIDGES = 8;

    /** Reads it, through a pooler as well. Where that fails, nothing is known: what follows says why, or does not need it. */
    public static Mono<Installed> in(DatabaseUrl url) {
        return Mono.usingWhen(Mono.fromSupplier(() -> new Database(url, true)), Installed::read, Database::close)
                .onErrorReturn(NOTHING);
    }

    private static Mono<Installed> read(Database database) {
        return database.list(
                        "installed",
                        statement -> {},
                        row -> Rows.present(row, "installed", Boolean.class)
                                ? List.of(Rows.present(row, "description", String.class))
                                : List.<String>of())
                .map(rows -> rows.get(0))
                .flatMap(described -> described.isEmpty()
                        ? Mono.just(NOTHING)
                        : Readiness.step(database)
                                .flatMap(step -> Mono.zip(roles(database), bridges(database, step))
                                        .map(found -> new Installed(
                                                version(described.get(0)), step, found.getT1(), found.getT2()))));
    }

    private static Mono<Map<String, List<String>>> roles(Database database) {
        return database.list(
                        "grantees",
                        statement -> {},
                        row -> Map.entry(
                                Rows.present(row, "may", String.class), Rows.present(row, "role", String.class)))
                .map(rows -> rows.stream()
                        .collect(Collectors.groupingBy(
                                Map.Entry::getKey,
                                LinkedHashMap::new,
                                Collectors.mapping(Map.Entry::getValue, Collectors.toList()))));
    }

    /** Whether a role may do something with it. */
    public boolean knows(String role) {
        return roles.values().stream().anyMatch(list -> list.contains(role));
    }

    private static Mono<List<String>> bridges(Database database, int step) {
        return step < NAMES_BRIDGES
                ? Mono.just(List.of())
                : database.list("alive_bridges", statement -> {}, row -> Rows.present(row, "name", String.class));
    }

    private static String version(String description) {
        return description.startsWith("pgnetty ") ? description.substring("pgnetty ".length()) : "";
    }

    /** As people read it. */
    @Override
    public String toString() {
        return (version.isEmpty() ? "an earlier version" : version) + ", step " + step;
    }
}
