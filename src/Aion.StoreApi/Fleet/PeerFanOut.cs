using Aion.Storage;
using Google.Protobuf;
using Grpc.Core;

namespace Aion.StoreApi;

/// <summary>Asks many peers the same at once.</summary>
public static class PeerFanOut
{
    /// <summary>What they answer, in the order of the peers; a peer that fails becomes a warning, or fails the whole.</summary>
    /// <param name="peers">Whom to ask.</param>
    /// <param name="what">What is asked for, as warnings call it: <c>rules</c>.</param>
    /// <param name="partial">What a failure means.</param>
    /// <param name="call">Starts the call.</param>
    /// <param name="warning">Makes a message of a warning.</param>
    /// <param name="budget">Charged for what the answers hold; null for no limit.</param>
    /// <exception cref="StoreException">A peer failed, and partial answers are not wanted.</exception>
    public static async Task<IReadOnlyList<TResponse>> AskAsync<TResponse>(
        IReadOnlyList<ApiPeer> peers, string what, PartialResponse partial, Func<ApiPeer, AsyncServerStreamingCall<TResponse>> call,
        Func<string, TResponse> warning, MemoryBudget? budget, CancellationToken cancellationToken)
        where TResponse : IMessage
    {
        List<TResponse>[] answers = await Task.WhenAll(peers.Select(AskOneAsync));
        return [.. answers.SelectMany(a => a)];

        async Task<List<TResponse>> AskOneAsync(ApiPeer peer)
        {
            var received = new List<TResponse>();
            try
            {
                using AsyncServerStreamingCall<TResponse> running = call(peer);
                while (await running.ResponseStream.MoveNext(cancellationToken))
                {
                    TResponse response = running.ResponseStream.Current;
                    budget?.Charge(response.CalculateSize() * 2L, $"{what} of endpoints");
                    received.Add(response);
                }
            }
            catch (RpcException e) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(e.Status.Detail, e, cancellationToken);
            }
            catch (RpcException e)
            {
                StoreException error = StoreErrors.FromRpc(e, peer.Name);
                string text = $"receiving {what} from {what} client {peer.Name}: {StoreErrors.Text(error)}";
                if (partial == PartialResponse.Abort) throw new StoreException(error.Kind, text, e);
                received.Add(warning(text));
            }

            return received;
        }
    }
}
