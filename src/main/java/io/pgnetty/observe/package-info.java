/** Everything that happens, as one family of events; logs, meters and tests listen to it. */
@NullMarked
package io.pgnetty.observe;

import org.jspecify.annotations.NullMarked;
