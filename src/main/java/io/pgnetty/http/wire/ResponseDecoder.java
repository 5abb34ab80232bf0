package io.pgnetty.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * Reads the responses of one connection. Interim responses are dropped (RFC 9110, section 15.2), and nothing is taken for a
 * response but what came after a request: bytes beyond a message end its connection.
 *
 * <p>The end of a message goes on when all that was there to be read has been read. So bytes beyond it are seen before the
 * connection serves the next request.
 */
final class ResponseDecoder extends ByteToMessageDecoder {

    static final int MAX_INTERIM = 100;
    private static final byte[] BEGIN = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

    private enum Next {
        NOTHING,
        HEAD,
        BODY,
        END,
        CLOSE
    }

    private final WireState state;
    private final HeadParser heads = new HeadParser();
    private final BodyMerger merger = new BodyMerger();
    private Next next = Next.NOTHING;
    private String method = "";
    private @Nullable BodyReader body;
    private int interim;
    private boolean writing;
    private boolean passedOn;

    ResponseDecoder(WireState state) {
        this.state = state;
    }

    /** A request is being written. */
    void asked(ChannelHandlerContext ctx, String requestMethod) {
        state.exchangeBegins();
        if (next != Next.NOTHING) {
            return;
        }
        method = requestMethod;
        interim = 0;
        writing = true;
        if (actualReadableBytes() > 0) {
            next = Next.CLOSE;
            byte[] first = new byte[Math.min(actualReadableBytes(), 100)];
            internalBuffer().getBytes(internalBuffer().readerIndex(), first);
            // Not from within the write.
            ctx.executor()
                    .execute(() ->
                            fail(ctx, InvalidResponseException.breaking("it came before the request was sent", first)));
            return;
        }
        next = Next.HEAD;
        // The answer may come before the request has been written out.
        ctx.read();
    }

    /** The request has been written out, or cannot be. */
    void written() {
        writing = false;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int before = out.size();
        try {
            switch (next) {
                case NOTHING -> idle(ctx, in);
                case HEAD -> head(ctx, in, out);
                case BODY -> body(ctx, in, out);
                case END -> {
                    in.skipBytes(in.readableBytes());
                    Connection.from(ctx.channel()).markPersistent(false);
                }
                case CLOSE -> in.skipBytes(in.readableBytes());
            }
        } catch (InvalidResponseException e) {
            in.skipBytes(in.readableBytes());
            fail(ctx, e);
        }
        passedOn |= out.size() > before;
    }

    /** What a server says first is looked at when something was asked; a used connection is not to be trusted any more. */
    private void idle(ChannelHandlerContext ctx, ByteBuf in) {
        if (!state.isFresh() || in.readableBytes() > HeadParser.MAX_BYTES) {
            in.skipBytes(in.readableBytes());
            Connection.from(ctx.channel()).markPersistent(false);
            close(ctx);
        }
    }

    private void head(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (!state.isAnswered()) {
            if (!answerBegins(in)) {
                return;
            }
            state.answerBegins();
        }
        HttpResponse head = heads.read(in);
        if (head == null) {
            return;
        }
        int status = head.status().code();
        if (status == 101) {
            throw new InvalidResponseException("switches protocols without having been asked to");
        }
        if (status < 200) {
            if (++interim > MAX_INTERIM) {
                throw InvalidResponseException.tooManyInterim(MAX_INTERIM);
            }
            return;
        }
        Framing framing = Framing.of(head, method);
        if (!framing.reusable()) {
            Connection.from(ctx.channel()).markPersistent(false);
        }
        body = new BodyReader(framing, merger);
        next = framing.body() == Framing.Body.NONE ? Next.END : Next.BODY;
        out.add(head);
    }

    /**
     * Whether there is a byte of an answer. What is none, on a connection that was used before, is the end of the message before.
     *
     * @throws InvalidResponseException where it cannot be one; the connection then counts as one that did not answer
     */
    private boolean answerBegins(ByteBuf in) {
        while (in.isReadable() && (in.getByte(in.readerIndex()) == '\r' || in.getByte(in.readerIndex()) == '\n')) {
            in.skipBytes(1);
        }
        if (!in.isReadable()) {
            return false;
        }
        if (state.isReused()) {
            for (int i = 0; i < Math.min(BEGIN.length, in.readableBytes()); i++) {
                if (in.getByte(in.readerIndex() + i) != BEGIN[i]) {
                    throw new InvalidResponseException("has bytes that belong to the response before it");
                }
            }
        }
        return true;
    }

    private void body(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (body != null && body.read(in, ctx.alloc(), out)) {
            next = Next.END;
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        discardSomeReadBytes();
        passOn(ctx);
        boolean readMore = !passedOn && !ctx.channel().config().isAutoRead();
        passedOn = false;
        if (readMore) {
            ctx.read();
        }
        ctx.fireChannelReadComplete();
    }

    private void passOn(ChannelHandlerContext ctx) {
        HttpContent merged = merger.takeMerged();
        if (merged != null) {
            passedOn = true;
            ctx.fireChannelRead(merged);
        }
        if (next == Next.END) {
            passedOn = true;
            next = Next.NOTHING;
            body = null;
            if (writing) {
                // Nobody knows whether the rest of the request will be read.
                Connection.from(ctx.channel()).markPersistent(false);
            }
            ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        super.decodeLast(ctx, in, out);
        merger.flush(out);
        boolean ended = next == Next.END || (next == Next.BODY && body != null && body.endsWithConnection());
        next = Next.CLOSE;
        if (ended) {
            out.add(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    private void fail(ChannelHandlerContext ctx, InvalidResponseException reason) {
        next = Next.CLOSE;
        merger.drop();
        ctx.fireExceptionCaught(reason);
        close(ctx);
    }

    private void close(ChannelHandlerContext ctx) {
        next = Next.CLOSE;
        ctx.close();
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        merger.drop();
    }
}
