/** The pipeline between the two edges: claim, send, write back, keep house, drain. */
@NullMarked
package io.pgnetty.bridge;

import org.jspecify.annotations.NullMarked;
