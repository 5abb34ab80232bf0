/** HTTP/1.1 on one connection: requests as servers expect them, and responses as servers really send them. */
@org.jspecify.annotations.NullMarked
package io.pgnetty.http.wire;
