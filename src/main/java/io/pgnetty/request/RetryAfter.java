package io.pgnetty.request;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/** The header Retry-After in both its forms, seconds and a date (RFC 9110, section 10.2.3). */
final class RetryAfter {

    private RetryAfter() {}

    /** How long the target asks to wait; empty where it does not say, or says what is neither form. */
    static Optional<Duration> of(List<Header> headers, Clock clock) {
        return first(headers, "retry-after").flatMap(value -> {
            if (value.matches("[0-9]{1,18}")) {
                // More than the cap in any case, and within what a duration can be multiplied by.
                return Optional.of(Duration.ofSeconds(Math.min(Long.parseLong(value), 1_000_000_000L)));
            }
            // By the target's own clock where it says what that is: it need not agree with ours.
            Instant now = first(headers, "date").flatMap(RetryAfter::date).orElseGet(clock::instant);
            return date(value).map(then -> Duration.between(now, then)).filter(wait -> !wait.isNegative());
        });
    }

    private static Optional<Instant> date(String text) {
        try {
            return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> first(List<Header> headers, String name) {
        return headers.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(header -> header.value().strip())
                .findFirst();
    }
}
