/** The pipeline between the two edges: claim, send, write back, maintain the tables, drain. */
@NullMarked
package io.pgnetty.bridge;

import org.jspecify.annotations.NullMarked;
