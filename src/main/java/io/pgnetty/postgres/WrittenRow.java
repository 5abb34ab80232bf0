package io.pgnetty.postgres;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a write-back says of one outcome. */
record WrittenRow(RequestQueue.Attempt attempt, boolean isLocked, boolean isInOrder) {

    static RequestQueue.WriteBack together(List<WrittenRow> rows) {
        Map<Boolean, Set<RequestQueue.Attempt>> byLock = rows.stream()
                .collect(Collectors.partitioningBy(
                        WrittenRow::isLocked, Collectors.mapping(WrittenRow::attempt, Collectors.toSet())));
        return new RequestQueue.WriteBack(
                byLock.getOrDefault(false, Set.of()),
                byLock.getOrDefault(true, Set.of()),
                rows.stream().anyMatch(WrittenRow::isInOrder));
    }
}
