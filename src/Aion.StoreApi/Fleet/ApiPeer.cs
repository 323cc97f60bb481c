using Aion.Model;
using Grpc.Core;

namespace Aion.StoreApi;

/// <summary>An endpoint that serves APIs beside the store. Immutable.</summary>
/// <param name="Name">Its address.</param>
/// <param name="Invoker">Where to call.</param>
/// <param name="IsQuerier">It asks endpoints of its own in turn.</param>
/// <param name="LabelSets">The external labels of what it holds.</param>
public sealed record ApiPeer(string Name, CallInvoker Invoker, bool IsQuerier, IReadOnlyList<Labels> LabelSets);
