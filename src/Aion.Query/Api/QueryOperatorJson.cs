using Aion.Model;
using Aion.PromQL;
using Aion.Storage;

namespace Aion.Query;

/// <summary>What is shown of an operator beside its name.</summary>
internal enum OperatorMeasures
{
    /// <summary>Nothing: the query was explained.</summary>
    None,

    /// <summary>Time, peak samples, samples.</summary>
    OfThanos,

    /// <summary>Series, bytes and peak memory too.</summary>
    All,
}

/// <summary>Writes a tree of operators as Thanos does, with measures of ours beside its own: what is zero or empty is left out.</summary>
/// <remarks>Source: reference/http-api.md H-4.3, golden/wire/http-query.jsonl (explain/*, instant/analyze-*).</remarks>
internal static class QueryOperatorJson
{
    public static void Write(JsonBuffer json, QueryOperator node, OperatorMeasures measures)
    {
        json.Raw("{\"name\":"u8);
        json.Quoted(node.Name);
        if (measures != OperatorMeasures.None) WriteMeasures(json, node, measures);
        for (var i = 0; i < node.Children.Count; i++)
        {
            json.Raw(i == 0 ? ",\"children\":["u8 : ","u8);
            Write(json, node.Children[i], measures);
        }

        json.Raw(node.Children.Count > 0 ? "]}"u8 : "}"u8);
    }

    private static void WriteMeasures(JsonBuffer json, QueryOperator node, OperatorMeasures measures)
    {
        json.Raw(",\"executionTime\":"u8);
        json.Quoted(GoDuration.Format(node.ExecutionTime));
        Count(json, ",\"peakSamples\":"u8, node.PeakSamples);
        Count(json, ",\"totalSamples\":"u8, node.TotalSamples);
        if (measures == OperatorMeasures.All)
        {
            Count(json, ",\"series\":"u8, node.Series);
            Count(json, ",\"bytes\":"u8, node.Bytes);
            Count(json, ",\"peakBytes\":"u8, node.PeakBytes);
        }


        for (var i = 0; i < node.FanOut.Count; i++)
        {
            json.Raw(i == 0 ? ",\"fanout\":["u8 : ","u8);
            WriteShare(json, node.FanOut[i]);
        }

        if (node.FanOut.Count > 0) json.Raw((byte)']');
    }

    private static void WriteShare(JsonBuffer json, EndpointShare share)
    {
        json.Raw("{\"endpointAddr\":"u8);
        json.Quoted(share.Address);
        json.Raw(",\"duration\":"u8);
        json.Quoted(GoDuration.Format(share.Duration));
        Count(json, ",\"bytesProcessed\":"u8, share.Bytes);
        Count(json, ",\"numResponses\":"u8, share.Responses);
        Count(json, ",\"series\":"u8, share.Series);
        Count(json, ",\"chunks\":"u8, share.Chunks);
        Count(json, ",\"samples\":"u8, share.Samples);
        json.Raw((byte)'}');
    }

    private static void Count(JsonBuffer json, ReadOnlySpan<byte> name, long value)
    {
        if (value == 0) return;
        json.Raw(name);
        json.Number(value);
    }
}
