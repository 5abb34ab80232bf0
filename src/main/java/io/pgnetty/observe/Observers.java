package io.pgnetty.observe;

/**
 * Who is told.
 *
 * @param events what happens
 * @param traces the way of each request
 */
public record Observers(Events events, Traces traces) {}
