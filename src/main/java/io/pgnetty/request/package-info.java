/** Plain values that carry a request all the way: queued, sent, completed. No driver, no Netty. */
@NullMarked
package io.pgnetty.request;

import org.jspecify.annotations.NullMarked;
