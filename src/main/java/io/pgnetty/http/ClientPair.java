package io.pgnetty.http;

import reactor.netty.http.client.HttpClient;

/**
 * The clients for a target.
 *
 * @param pooled uses connections again
 * @param fresh opens a connection for each request, for HTTP/1.1: of HTTP/2 the client library would share it
 */
record ClientPair(HttpClient pooled, HttpClient fresh) {}
