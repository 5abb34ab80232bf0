package io.pgnetty.request;

/** An attempt and what came of it, on its way back to the database. */
public record Completed(QueuedRequest request, Outcome outcome) {}
