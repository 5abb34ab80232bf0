package io.pgnetty.bench;

import io.pgnetty.postgres.Workload;
import io.pgnetty.postgres.Workload.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a stretch of work costs the database. The processor time is known only where the server's processes can be seen, which is
 * on its own machine, under Linux.
 */
final class DatabaseCost {

    private static final double MICROS_PER_TICK = 10_000;

    /** Where /proc has the time in user and in system mode, behind the name in parentheses. */
    private static final int UTIME = 11;

    private static final int STIME = 12;

    private final Workload workload;
    private final long wal;
    private final Map<Integer, Long> ticks;

    private DatabaseCost(Workload workload, long wal, Map<Integer, Long> ticks) {
        this.workload = workload;
        this.wal = wal;
        this.ticks = ticks;
    }

    static DatabaseCost from(Workload workload) {
        Usage usage = workload.usage().blockOptional().orElseThrow();
        return new DatabaseCost(workload, usage.wal(), ticks(usage));
    }

    /** What was used since then, per request. */
    BenchResult.Cost perRequest(int requests) {
        Usage usage = workload.usage().blockOptional().orElseThrow();
        Map<Integer, Long> now = ticks(usage);
        long used = now.entrySet().stream()
                .mapToLong(process -> process.getValue() - ticks.getOrDefault(process.getKey(), 0L))
                .sum();
        return new BenchResult.Cost(
                now.isEmpty() ? null : used * MICROS_PER_TICK / requests, (double) (usage.wal() - wal) / requests);
    }

    private static Map<Integer, Long> ticks(Usage usage) {
        Map<Integer, Long> all = new HashMap<>();
        for (int pid : usage.pids()) {
            Path process = Path.of("/proc", String.valueOf(pid));
            // Another machine's process of that number is not ours.
            if (text(process.resolve("cmdline")).contains(Workload.DATABASE)) {
                ticks(process).ifPresent(ticks -> all.put(pid, ticks));
            }
        }
        return all;
    }

    private static OptionalLong ticks(Path process) {
        String[] fields =
                text(process.resolve("stat")).replaceFirst("^.*\\) ", "").split(" ", -1);
        return fields.length > STIME
                ? OptionalLong.of(Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]))
                : OptionalLong.empty();
    }

    /** Empty where the process has ended, or there is no such thing here. */
    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
