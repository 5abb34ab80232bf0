package io.pgnetty.http;

import java.util.Locale;
import java.util.Set;
import reactor.core.publisher.Mono;

/** Who may have which secret sent where; asked before each send, so that what is taken back holds at once. */
@FunctionalInterface
public interface SecretRules {

    /** Where there are no secrets. */
    SecretRules NONE = question -> Mono.just(Set.of());

    /** What a secret is for. */
    enum Use {
        HEADER,
        SIGNING;

        /** As {@code net.allow_secret} has it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Whether secrets may be used.
     *
     * @param names of the secrets
     * @param role who queued, by its object id
     * @param host as it is counted and ruled, with a port that is not the scheme's own
     * @param plainHttp whether everybody on the way can read them
     */
    record Question(Set<String> names, long role, String host, Use use, boolean plainHttp) {}

    /** Those of the names that may; errors where that cannot be asked now. */
    Mono<Set<String>> usable(Question question);

    /** Gives up the questions that are not answered yet. */
    default void close() {}
}
