package io.pgnetty.bridge;

import io.pgnetty.observe.Events;
import io.pgnetty.observe.Traces;

/**
 * What the parts of a bridge share.
 *
 * @param rest whether there is nothing to do
 * @param leases what is claimed and not yet written back
 * @param health whether the bridge does its work
 * @param others what only they may send
 * @param events where they say what happens
 * @param traces which follow what is sent
 */
record Shared(Rest rest, Leases leases, Health health, Events events, Traces traces, OtherBridges others) {}
