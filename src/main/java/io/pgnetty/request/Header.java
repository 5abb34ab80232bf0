package io.pgnetty.request;

/**
 * One header line.
 *
 * @param name as written by whoever set it; names that differ in case only are the same (RFC 9110, section 5.1)
 * @param value text, one character a byte only where the sender's bytes were no UTF-8
 */
public record Header(String name, String value) {}
