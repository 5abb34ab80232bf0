/** The names of targets: addresses of this machine, the hosts file, and DNS as {@code resolv.conf} describes it. */
@org.jspecify.annotations.NullMarked
package io.pgnetty.http.names;
