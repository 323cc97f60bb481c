using Aion.Model;
using Aion.Protocol;
using Aion.Protocol.Wire;
using Aion.Storage;
using Grpc.Core;

namespace Aion.StoreApi;

/// <summary>How a component serves its store.</summary>
public sealed record StoreServiceOptions
{
    /// <summary>True for a store made of blocks: it reads block hints; all others leave them unread.</summary>
    public bool ReadsBlockHints { get; init; }

    /// <summary>Set before the errors of bad matchers in LabelValues, as the store gateway of Thanos does.</summary>
    public string LabelValuesMatcherErrorPrefix { get; init; } = "";

    /// <summary>Keeps matchers between requests; null for not at all.</summary>
    public IMatcherCache? Matchers { get; init; }
}

/// <summary>The gRPC service <c>thanos.Store</c> over any store.</summary>
public sealed class StoreService(IStore store, StoreServiceOptions options, StoreServerMetrics metrics) : StoreServiceBase
{
    public override async Task Series(SeriesRequest request, IServerStreamWriter<SeriesMessage> responseStream, ServerCallContext context)
    {
        using var pending = metrics.TrackPending();
        CancellationToken cancellationToken = context.CancellationToken;
        try
        {
            SelectRequest select = SelectRequestMapping.ToSelect(request, options.ReadsBlockHints, options.Matchers) with
            {
                Tenant = StoreApiTransport.TenantOf(context),
            };
            var sender = new SeriesSender(
                responseStream, select.BatchSize, context.RequestHeaders.Get(StoreApiTransport.NoChunkHashesHeader) is not null, cancellationToken);
            await foreach (SeriesFrame frame in store.SelectAsync(select, cancellationToken)) await sender.SendAsync(frame);
            await sender.CompleteAsync();
            metrics.Served(sender.SeriesSent, sender.ChunksSent);
        }
        catch (Exception e) when (StoreErrors.ToRpc(e) is { } status)
        {
            throw status;
        }
    }

    public override async Task<LabelNamesResponse> LabelNames(Aion.Protocol.Wire.LabelNamesRequest request, ServerCallContext context)
    {
        try
        {
            Aion.Storage.LabelNamesRequest names = LabelsRequestMapping.ToModel(request, options.ReadsBlockHints, options.Matchers) with
            {
                Tenant = StoreApiTransport.TenantOf(context),
            };
            return LabelsRequestMapping.ToNames(await store.LabelNamesAsync(names, context.CancellationToken));
        }
        catch (Exception e) when (StoreErrors.ToRpc(e) is { } status)
        {
            throw status;
        }
    }

    public override async Task<LabelValuesResponse> LabelValues(Aion.Protocol.Wire.LabelValuesRequest request, ServerCallContext context)
    {
        try
        {
            Aion.Storage.LabelValuesRequest values = ToModel(request) with { Tenant = StoreApiTransport.TenantOf(context) };
            return LabelsRequestMapping.ToValues(await store.LabelValuesAsync(values, context.CancellationToken));
        }
        catch (Exception e) when (StoreErrors.ToRpc(e) is { } status)
        {
            throw status;
        }
    }

    private Aion.Storage.LabelValuesRequest ToModel(Aion.Protocol.Wire.LabelValuesRequest request)
    {
        try
        {
            return LabelsRequestMapping.ToModel(request, options.ReadsBlockHints, options.Matchers);
        }
        catch (StoreException e) when (options.LabelValuesMatcherErrorPrefix.Length > 0 && e.InnerException is FormatException)
        {
            throw new StoreException(e.Kind, options.LabelValuesMatcherErrorPrefix + e.Message, e);
        }
    }
}
