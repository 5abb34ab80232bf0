/** The container image: what its cache of loaded classes is made from, and how it runs. */
@NullMarked
package io.pgnetty.image;

import org.jspecify.annotations.NullMarked;
