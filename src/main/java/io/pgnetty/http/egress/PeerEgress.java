package io.pgnetty.http.egress;

import io.pgnetty.config.Config;
import java.util.List;
import java.util.function.Predicate;

/** The egress rules of the other bridges, as far as they are not those of this one: what it refuses they may allow. */
public final class PeerEgress {

    private final EgressRules mine;
    private volatile boolean known = true;
    private volatile List<EgressRules> rules = List.of();

    /** @param mine the rules of this bridge */
    public PeerEgress(EgressRules mine) {
        this.mine = mine;
    }

    /** There may be others, of which nothing is known yet. */
    public void expect() {
        known = false;
    }

    /** They are these now. */
    public void set(List<Config.Egress> others) {
        rules = others.stream().map(mine::withLists).toList();
        known = true;
    }

    /** Whether what is refused here may be allowed by others: also as long as nothing is known of them. */
    public boolean anyAllows(Predicate<EgressRules> allows) {
        return !known || rules.stream().anyMatch(allows);
    }
}
