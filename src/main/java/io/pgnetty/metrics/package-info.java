/** The metrics of a bridge, fed by events and by what it is asked when it is scraped. */
@NullMarked
package io.pgnetty.metrics;

import org.jspecify.annotations.NullMarked;
