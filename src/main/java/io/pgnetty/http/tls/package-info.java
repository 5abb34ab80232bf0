/** TLS to the targets: the JDK's engine, with what servers ask for beyond its defaults. */
@org.jspecify.annotations.NullMarked
package io.pgnetty.http.tls;
