/** What the tests stand on: real servers, a real database, a real bridge. */
package io.pgnetty.testing;
