package io.pgnetty.http;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.pgnetty.http.egress.EgressRules;
import io.pgnetty.http.egress.PeerEgress;
import io.pgnetty.observe.Event;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import reactor.netty.ReactorNetty;
import reactor.util.context.ContextView;

/**
 * Asks the egress rules at the one place that every connection passes, with the address that it really goes to: names and
 * IP literals alike, each address of a host, each redirect hop.
 */
@Sharable
final class EgressGuard extends ChannelOutboundHandlerAdapter {

    /** With another address left to try, one that does not answer must not use up the request's deadline (5 s). */
    private static final int CONNECT_MILLIS_BEFORE_NEXT = 2_000;

    private final EgressRules rules;
    private final PeerEgress others;
    private final boolean byName;
    private final DescriptorReserve descriptors = new DescriptorReserve();

    /**
     * Asks for each connection.
     *
     * @param others what other bridges may reach
     * @param byName whether a proxy is asked for names: of those only what the rules say of a name is checked
     */
    EgressGuard(EgressRules rules, PeerEgress others, boolean byName) {
        this.rules = rules;
        this.others = others;
        this.byName = byName;
    }

    /**
     * The addresses of a host without those that are denied, so that the failure of one that may be reached is not covered by
     * the refusal of another; all of them where none may be reached, to be refused when one is connected to, and last those that
     * another bridge may reach, as it is the last refusal that counts.
     */
    List<? extends SocketAddress> reachable(List<? extends SocketAddress> addresses) {
        List<? extends SocketAddress> allowed = addresses.stream()
                .filter(address -> address instanceof InetSocketAddress inet
                        && inet.getAddress() != null
                        && rules.refusal(inet.getHostString(), inet.getHostString(), inet.getAddress(), inet.getPort())
                                .isEmpty())
                .toList();
        return allowed.isEmpty()
                ? addresses.stream()
                        .sorted(Comparator.comparing(this::mayBeForOthers))
                        .toList()
                : allowed;
    }

    private boolean mayBeForOthers(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                && inet.getAddress() != null
                && mayBeForOthers(inet.getHostString(), inet);
    }

    private boolean mayBeForOthers(String host, InetSocketAddress inet) {
        return others.anyAllows(rules -> rules.refusal(host, inet.getHostString(), inet.getAddress(), inet.getPort())
                .isEmpty());
    }

    @Override
    public void connect(ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
        if (byName && remote instanceof InetSocketAddress unresolved && unresolved.isUnresolved()) {
            connectByName(ctx, unresolved, local, promise);
            return;
        }
        if (!(remote instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            refuse(
                    ctx,
                    promise,
                    new EgressDeniedException(
                            new Event.EgressDenied("", 0, "none", "Refused by the egress rules: no address to check"),
                            false));
            return;
        }
        // The resolver's name for it may be another: in Unicode, or with a search domain.
        String host = inet instanceof CandidateAddress candidate ? candidate.host(given(ctx)) : inet.getHostString();
        Optional<String> refusal = rules.refusal(host, inet.getHostString(), inet.getAddress(), inet.getPort());
        if (refusal.isPresent()) {
            Event.EgressDenied event = new Event.EgressDenied(
                    host, inet.getPort(), inet.getAddress().getHostAddress(), refusal.get());
            refuse(ctx, promise, new EgressDeniedException(event, mayBeForOthers(host, inet)));
            return;
        }
        if (inet instanceof CandidateAddress candidate && !candidate.isLast()) {
            ctx.channel().config().setConnectTimeoutMillis(CONNECT_MILLIS_BEFORE_NEXT);
        }
        go(ctx, remote, local, promise);
    }

    private void connectByName(
            ChannelHandlerContext ctx, InetSocketAddress name, SocketAddress local, ChannelPromise promise) {
        String host = name.getHostString();
        Optional<InetAddress> literal = KnownAddresses.of(host);
        Optional<String> refusal = literal.isPresent()
                ? rules.refusal(host, host, literal.get(), name.getPort())
                : rules.refusalByName(host, name.getPort());
        if (refusal.isPresent()) {
            refuse(
                    ctx,
                    promise,
                    new EgressDeniedException(
                            new Event.EgressDenied(host, name.getPort(), "by its name", refusal.get()), false));
            return;
        }
        go(ctx, name, local, promise);
    }

    private void go(ChannelHandlerContext ctx, SocketAddress remote, SocketAddress local, ChannelPromise promise) {
        if (descriptors.take(ctx.channel())) {
            ctx.connect(remote, local, promise);
        } else {
            promise.setFailure(new NoDescriptorException());
            ctx.close();
        }
    }

    private static Optional<String> given(ChannelHandlerContext ctx) {
        ContextView context = ReactorNetty.getChannelContext(ctx.channel());
        return context == null
                ? Optional.empty()
                : context.<TargetUrl>getOrEmpty(TargetUrl.class).map(TargetUrl::host);
    }

    private static void refuse(ChannelHandlerContext ctx, ChannelPromise promise, EgressDeniedException reason) {
        promise.setFailure(reason);
        ctx.close();
    }
}
