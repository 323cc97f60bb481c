using Aion.Model;
using Aion.PromQL;
using Aion.Storage;

namespace Aion.Query;

/// <summary>Writes a tree of operators as Thanos does: what is zero or empty is left out.</summary>
/// <remarks>Source: reference/http-api.md H-4.3, golden/wire/http-query.jsonl (explain/*, instant/analyze-*).</remarks>
internal static class QueryOperatorJson
{
    public static void Write(JsonBuffer json, QueryOperator node, bool measured)
    {
        json.Raw("{\"name\":"u8);
        json.Quoted(node.Name);
        if (measured) WriteMeasures(json, node);
        for (var i = 0; i < node.Children.Count; i++)
        {
            json.Raw(i == 0 ? ",\"children\":["u8 : ","u8);
            Write(json, node.Children[i], measured);
        }

        json.Raw(node.Children.Count > 0 ? "]}"u8 : "}"u8);
    }

    private static void WriteMeasures(JsonBuffer json, QueryOperator node)
    {
        json.Raw(",\"executionTime\":"u8);
        json.Quoted(GoDuration.Format(node.ExecutionTime));
        if (node.PeakSamples > 0)
        {
            json.Raw(",\"peakSamples\":"u8);
            json.Number(node.PeakSamples);
        }

        if (node.TotalSamples > 0)
        {
            json.Raw(",\"totalSamples\":"u8);
            json.Number(node.TotalSamples);
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
        Count(",\"bytesProcessed\":"u8, share.Bytes);
        Count(",\"numResponses\":"u8, share.Responses);
        Count(",\"series\":"u8, share.Series);
        Count(",\"chunks\":"u8, share.Chunks);
        Count(",\"samples\":"u8, share.Samples);
        json.Raw((byte)'}');

        void Count(ReadOnlySpan<byte> name, long value)
        {
            if (value == 0) return;
            json.Raw(name);
            json.Number(value);
        }
    }
}
