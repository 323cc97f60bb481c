using Aion.Model;
using Aion.Storage;
using Google.Protobuf;
using Grpc.Core;

namespace Aion.StoreApi;

/// <summary>How long a peer may stay silent within an answer before it counts as failed.</summary>
/// <param name="Limit">Zero: as long as the request may take.</param>
public readonly record struct PeerSilence(TimeSpan Limit, TimeProvider Time);

/// <summary>Asks many peers the same at once.</summary>
public static class PeerFanOut
{
    /// <summary>What they answer, in the order of the peers; a peer that fails becomes a warning, or fails the whole.</summary>
    /// <param name="peers">Whom to ask.</param>
    /// <param name="what">What is asked for, as warnings call it: <c>rules</c>.</param>
    /// <param name="partial">What a failure means.</param>
    /// <param name="call">Starts the call, which ends with the token it is given.</param>
    /// <param name="warning">Makes a message of a warning.</param>
    /// <param name="silence">When a peer that does not answer counts as failed.</param>
    /// <param name="budget">Charged for what the answers hold; null for no limit.</param>
    /// <exception cref="StoreException">A peer failed, and partial answers are not wanted.</exception>
    public static async Task<IReadOnlyList<TResponse>> AskAsync<TResponse>(
        IReadOnlyList<ApiPeer> peers, string what, PartialResponse partial, Func<ApiPeer, CancellationToken, AsyncServerStreamingCall<TResponse>> call,
        Func<string, TResponse> warning, PeerSilence silence, MemoryBudget? budget, CancellationToken cancellationToken)
        where TResponse : IMessage
    {
        List<TResponse>[] answers = await Task.WhenAll(peers.Select(AskOneAsync));
        return [.. answers.SelectMany(a => a)];

        async Task<List<TResponse>> AskOneAsync(ApiPeer peer)
        {
            var received = new List<TResponse>();
            using var silent = new CancellationTokenSource(Timeout.InfiniteTimeSpan, silence.Time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silent.Token);
            try
            {
                await ReceiveAsync(peer, received, silent, stop.Token);
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException && silent.IsCancellationRequested)
            {
                Fail(StoreErrorKind.DeadlineExceeded, $"failed to receive any data in {GoDuration.Format(silence.Limit)}", peer, received, e);
            }
            catch (RpcException e)
            {
                StoreException error = StoreErrors.FromRpc(e, peer.Name);
                Fail(error.Kind, StoreErrors.Text(error), peer, received, e);
            }

            return received;
        }

        async Task ReceiveAsync(ApiPeer peer, List<TResponse> received, CancellationTokenSource silent, CancellationToken token)
        {
            if (silence.Limit > TimeSpan.Zero) silent.CancelAfter(silence.Limit);
            using AsyncServerStreamingCall<TResponse> running = call(peer, token);
            while (await running.ResponseStream.MoveNext(token))
            {
                if (silence.Limit > TimeSpan.Zero) silent.CancelAfter(silence.Limit);
                TResponse response = running.ResponseStream.Current;
                budget?.Charge(response.CalculateSize() * 2L, $"{what} of endpoints");
                received.Add(response);
            }
        }

        void Fail(StoreErrorKind kind, string reason, ApiPeer peer, List<TResponse> received, Exception inner)
        {
            string text = $"receiving {what} from {what} client {peer.Name}: {reason}";
            if (partial == PartialResponse.Abort) throw new StoreException(kind, text, inner);
            received.Add(warning(text));
        }
    }
}
