package io.pgnetty.postgres;

import java.util.UUID;

/**
 * Who a bridge is.
 *
 * @param id a different one at each start
 * @param name what people call it, such as the name of its host
 * @param version of the program
 */
public record BridgeId(UUID id, String name, String version) {}
