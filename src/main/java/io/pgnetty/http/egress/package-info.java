/** The egress rules: which hosts, addresses and ports may be reached. Connects to nothing. */
@NullMarked
package io.pgnetty.http.egress;

import org.jspecify.annotations.NullMarked;
