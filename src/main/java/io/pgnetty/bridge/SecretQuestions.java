package io.pgnetty.bridge;

import io.pgnetty.http.SecretRules;
import io.pgnetty.postgres.SecretStatements;
import java.util.Set;
import reactor.core.publisher.Mono;

/** Asks the database whether a request may have its secrets sent to a host. */
public final class SecretQuestions implements SecretRules {

    private final SecretStatements statements;
    private final BackgroundTasks questions = new BackgroundTasks();

    /** Asks there. */
    public SecretQuestions(SecretStatements statements) {
        this.statements = statements;
    }

    @Override
    public Mono<Set<String>> usable(Question question) {
        return Mono.defer(() -> {
            // The request's deadline cancels this, but never a statement under way.
            Mono<Set<String>> answer = statements
                    .usable(
                            question.names(),
                            question.role(),
                            question.host(),
                            question.use().label(),
                            question.plainHttp())
                    .cache();
            questions.start(answer.onErrorResume(error -> Mono.empty()));
            return answer;
        });
    }

    @Override
    public void close() {
        questions.close();
    }
}
