package io.pgnetty.postgres;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What became of a batch of outcomes. One that is in neither set had lost its lease.
 *
 * @param written those in the database
 * @param locked those whose row another transaction has locked just now: to be written later
 * @param inOrder whether one of them has ended that the next of its ordering_key may wait for
 */
public record WrittenBack(Set<Attempt> written, Set<Attempt> locked, boolean inOrder) {

    /** What a write-back says of one outcome. */
    record Row(Attempt attempt, boolean isLocked, boolean isInOrder) {}

    static WrittenBack of(List<Row> rows) {
        Map<Boolean, Set<Attempt>> byLock = rows.stream()
                .collect(
                        Collectors.partitioningBy(Row::isLocked, Collectors.mapping(Row::attempt, Collectors.toSet())));
        return new WrittenBack(
                byLock.getOrDefault(false, Set.of()),
                byLock.getOrDefault(true, Set.of()),
                rows.stream().anyMatch(Row::isInOrder));
    }
}
