package io.pgnetty.bench;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What was measured: the medians of all rounds, of ratios as well, and the rounds themselves.
 *
 * @param version of pgnetty
 * @param postgres version of the server
 * @param machine processors and memory of this process
 * @param overTime requests recorded in each tenth of a second of the last round, end to end
 */
public record BenchResult(
        String version,
        String postgres,
        String machine,
        BenchPlan plan,
        Round median,
        List<Round> rounds,
        List<Integer> overTime) {

    /**
     * One round.
     *
     * @param client requests a second of the HTTP client alone, with no database
     * @param sql requests a second of the SQL alone, with no HTTP: claimed and recorded, one batch after the other
     * @param endToEnd requests a second, queued to recorded
     * @param ofClient end to end, as a share of what the client does alone
     * @param flooded how long requests took that were queued at once
     * @param atRest how long requests took that came one by one
     * @param senders commits a second
     * @param sqlCost what a request costs the database, claimed and recorded, with the SQL alone
     * @param endToEndCost what it costs the database end to end
     */
    public record Round(
            double client,
            double sql,
            double endToEnd,
            double ofClient,
            Latencies flooded,
            Latencies atRest,
            Senders senders,
            Cost sqlCost,
            Cost endToEndCost) {}

    /**
     * What a request costs the database.
     *
     * @param micros of processor time; null where the server runs on another machine
     * @param wal bytes of WAL
     */
    public record Cost(@Nullable Double micros, double wal) {}

    /** Milliseconds, from the insert to the send and from the insert to the record. */
    public record Latencies(double sentP50, double sentP99, double recordedP50, double recordedP99) {}

    /**
     * Commits a second.
     *
     * @param post of {@code net.http_post}, while it is delivered as fast as there is time for it
     * @param paused of {@code net.http_post}, while nothing is: the senders by themselves
     * @param plain of an insert of the same row into the same table with its indexes and no triggers
     * @param notified of that insert with an unconditional {@code pg_notify}
     * @param ofPlain the calls, as a share of the plain inserts
     * @param pausedOfPlain the calls while nothing is delivered, as a share of the plain inserts
     * @param ofNotified the calls, as a multiple of the inserts that notify
     */
    public record Senders(
            double post,
            double paused,
            double plain,
            double notified,
            double ofPlain,
            double pausedOfPlain,
            double ofNotified) {}

    private static Senders senders(List<Round> rounds) {
        return new Senders(
                median(rounds, round -> round.senders().post()),
                median(rounds, round -> round.senders().paused()),
                median(rounds, round -> round.senders().plain()),
                median(rounds, round -> round.senders().notified()),
                median(rounds, round -> round.senders().ofPlain()),
                median(rounds, round -> round.senders().pausedOfPlain()),
                median(rounds, round -> round.senders().ofNotified()));
    }

    static Round median(List<Round> rounds) {
        return new Round(
                median(rounds, Round::client),
                median(rounds, Round::sql),
                median(rounds, Round::endToEnd),
                median(rounds, Round::ofClient),
                latencies(rounds.stream().map(Round::flooded).toList()),
                latencies(rounds.stream().map(Round::atRest).toList()),
                senders(rounds),
                cost(rounds.stream().map(Round::sqlCost).toList()),
                cost(rounds.stream().map(Round::endToEndCost).toList()));
    }

    private static Latencies latencies(List<Latencies> all) {
        return new Latencies(
                median(all, Latencies::sentP50),
                median(all, Latencies::sentP99),
                median(all, Latencies::recordedP50),
                median(all, Latencies::recordedP99));
    }

    private static Cost cost(List<Cost> all) {
        return new Cost(
                all.stream().allMatch(cost -> cost.micros() != null)
                        ? median(all, cost -> requireNonNull(cost.micros()))
                        : null,
                median(all, Cost::wal));
    }

    private static <T> double median(List<T> all, ToDoubleFunction<T> value) {
        double[] sorted = all.stream().mapToDouble(value).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
