using Aion.Model;
using Aion.PromQL;
using Aion.Protocol;
using Aion.Storage;
using Grpc.Core;
using ValueType = Aion.PromQL.ValueType;

namespace Aion.Query;

/// <summary>Answers calls of <c>thanos.Query</c>: warnings, then series one by one or in batches, then the statistics.</summary>
internal sealed class QueryCalls(QueryApiOptions options, QueryRunner runner, QueryBudgets budgets, TimeProvider time)
{
    /// <summary>A message ends before it holds more than this, whatever batch a caller asks for.</summary>
    private const long BatchBytes = 4 << 20;

    private readonly QueryCallReader _reader = new(options);

    public async Task AnswerAsync(QueryCall call, IServerStreamWriter<byte[]> target, ServerCallContext context)
    {
        using MemoryBudget budget = budgets.ForRequest();
        try
        {
            if (await RunAsync(call, budget, context) is { } outcome) await SendAsync(call, outcome, target, context.CancellationToken);
        }
        catch (PromQLException e) when (e.Kind != QueryErrorKind.Canceled && !call.IsRange && call.PartialResponse)
        {
            // A querier that distributes takes it as what this part of the answer lacks.
            await target.WriteAsync(QueryFrames.Warnings(e.Message), context.CancellationToken);
        }
        catch (PromQLException e)
        {
            throw new RpcException(new Status(e.Kind == QueryErrorKind.Canceled ? StatusCode.Cancelled : StatusCode.Aborted, e.Message), e.Message);
        }
    }

    private async Task<QueryOutcome> RunAsync(QueryCall call, MemoryBudget budget, ServerCallContext context)
    {
        try
        {
            QueryParameters parameters = _reader.Read(call, time.GetUtcNow().ToUnixTimeMilliseconds());
            string tenant = TenantResolver.Resolve(context.GetHttpContext(), options.Tenancy);
            QuerySyntax.Check(parameters, options);
            if (parameters.Timeout <= TimeSpan.Zero) throw new PromQLException(QueryErrorKind.Timeout, "query timed out in query execution");
            return await runner.RunAsync(parameters, tenant, QueryCallReader.NameOf(call.Engine), budget, context.CancellationToken);
        }
        catch (BadParameterException e)
        {
            throw new RpcException(new Status(StatusCode.Unknown, e.Message), e.Message);
        }
        catch (StoreException e)
        {
            throw new RpcException(new Status(StatusCode.Unknown, e.Message), e.Message);
        }
        catch (BudgetExceededException e)
        {
            throw new PromQLException(QueryErrorKind.Execution, e.Message, e);
        }
    }

    private async Task SendAsync(QueryCall call, QueryOutcome outcome, IServerStreamWriter<byte[]> target, CancellationToken cancellationToken)
    {
        QueryResult result = outcome.Result;
        List<string> warnings = Annotations.Shown(result.Warnings, result.Infos);
        if (warnings.Count > 0) await target.WriteAsync(QueryFrames.Warnings(string.Join(", ", warnings)), cancellationToken);
        if (result.Type == ValueType.Scalar) await target.WriteAsync(QueryFrames.Series(Constant(result)), cancellationToken);
        // An instant query of a range vector has no place in this API: its answers are one sample a series.
        if (result.Type == ValueType.Vector || call.IsRange) await SendSeriesAsync(result.Series, call.BatchSize, target, cancellationToken);
        bool counted = options.EngineOf(QueryCallReader.NameOf(call.Engine)) == "thanos";
        QueryStatistics statistics = result.Statistics;
        await target.WriteAsync(
            counted ? QueryFrames.Statistics(statistics.TotalQueryableSamples, statistics.PeakSamples) : QueryFrames.Statistics(0, 0), cancellationToken);
    }

    private static async Task SendSeriesAsync(
        IReadOnlyList<ResultSeries> series, long batchSize, IServerStreamWriter<byte[]> target, CancellationToken cancellationToken)
    {
        if (batchSize <= 1)
        {
            foreach (ResultSeries one in series) await target.WriteAsync(QueryFrames.Series(Encoded(one)), cancellationToken);
            return;
        }

        List<RemoteReadSeries> batch = [];
        long bytes = 0;
        foreach (ResultSeries one in series)
        {
            batch.Add(Encoded(one));
            bytes += SizeOf(one);
            if (batch.Count < batchSize && bytes < BatchBytes) continue;
            await target.WriteAsync(QueryFrames.Batch(batch), cancellationToken);
            batch.Clear();
            bytes = 0;
        }

        if (batch.Count > 0) await target.WriteAsync(QueryFrames.Batch(batch), cancellationToken);
    }

    private static RemoteReadSeries Encoded(ResultSeries series)
    {
        var samples = new List<Sample>(series.FloatCount);
        var histograms = new List<RemoteHistogram>(series.HistogramCount);
        foreach (ResultPoint point in series)
        {
            if (point.Histogram is { } histogram) histograms.Add(new RemoteHistogram(point.TimestampMs, null, histogram));
            else samples.Add(new Sample(point.TimestampMs, point.Value));
        }

        return new RemoteReadSeries(series.Labels, samples, histograms);
    }

    private static long SizeOf(ResultSeries series)
    {
        long bytes = series.Labels.SizeBytes + (series.FloatCount * 18L);
        if (series.HistogramCount == 0) return bytes;
        foreach (ResultPoint point in series)
            if (point.Histogram is { } h) bytes += 64 + ((h.PositiveBuckets.Length + h.NegativeBuckets.Length + h.CustomValues.Length) * 8L);
        return bytes;
    }

    private static RemoteReadSeries Constant(QueryResult result) => new(Labels.Empty, [new Sample(result.Grid.StartMs, result.Scalar)], []);
}
