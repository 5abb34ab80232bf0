package io.pgnetty.http;

import io.netty.handler.codec.DecoderException;

/** A response that would cost more than it is worth, see {@link ResponseBounds}. Its message continues "The response of ... has". */
final class ResponseRefusedException extends DecoderException {

    private static final long serialVersionUID = 1L;

    ResponseRefusedException(String what) {
        super(what);
    }
}
