/** What the operator decides, validated before anything starts. */
@NullMarked
package io.pgnetty.config;

import org.jspecify.annotations.NullMarked;
