package io.pgnetty.postgres;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whose turn it is in the next claim: roles take turns, and the hosts of each role do.
 *
 * @param role the role after which the turns go on, by its object id; 0 for the first
 * @param hosts for each role the host after which its turns go on
 */
public record Turns(long role, Map<Long, String> hosts) {

    /** Before anything was claimed. */
    public static final Turns FIRST = new Turns(0, Map.of());

    /** Roles whose hosts are remembered: of more, those that were claimed from least recently begin with their first host. */
    static final int MAX_ROLES = 1_000;

    /**
     * One line in a claim: what a role had due for a host.
     *
     * @param turn its position among the lines of the claim, from 1 on
     * @param given how many of its requests were taken
     * @param leftOver how many were left for want of room, though they might have gone
     */
    record Line(long role, String host, int turn, int given, int leftOver) {}

    /** Takes a copy, in its order. */
    public Turns {
        hosts = Collections.unmodifiableMap(new LinkedHashMap<>(hosts));
    }

    /**
     * After a claim. A role whose lines have all had their turn goes on after the last of them, and otherwise after the last that
     * gave something.
     *
     * @param isFull whether the claim has all requests that it asked for
     */
    Turns after(List<Line> lines, boolean isFull) {
        Map<Long, List<Line>> byRole = new LinkedHashMap<>();
        lines.stream()
                .sorted(Comparator.comparingInt(Line::turn))
                .forEach(line -> byRole.computeIfAbsent(line.role(), role -> new ArrayList<>())
                        .add(line));
        Map<Long, String> all = new LinkedHashMap<>();
        long last = role;
        for (Map.Entry<Long, List<Line>> entry : byRole.entrySet()) {
            boolean isCut = isFull || entry.getValue().stream().anyMatch(line -> line.leftOver() > 0);
            for (Line line : entry.getValue()) {
                if (!isCut || line.given() > 0) {
                    all.put(entry.getKey(), line.host());
                    last = entry.getKey();
                }
            }
        }
        hosts.forEach((role, host) -> {
            if (all.size() < MAX_ROLES) {
                all.putIfAbsent(role, host);
            }
        });
        return new Turns(last, all);
    }
}
