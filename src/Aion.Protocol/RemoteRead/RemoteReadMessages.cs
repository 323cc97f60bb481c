using Aion.Model;
using Aion.Storage;

namespace Aion.Protocol;

/// <summary>One query of a remote read, <c>[StartMs, EndMs]</c>.</summary>
public sealed record RemoteReadQuery(long StartMs, long EndMs, IReadOnlyList<LabelMatcher> Matchers);

/// <summary>Forms in which a remote read may be answered, in order of the asker's preference.</summary>
public enum RemoteReadResponseType
{
    Samples = 0,
    StreamedXorChunks = 1,
}

/// <summary>A remote-read request.</summary>
public sealed record RemoteReadRequest(IReadOnlyList<RemoteReadQuery> Queries, IReadOnlyList<RemoteReadResponseType> AcceptedResponseTypes);

/// <summary>A native histogram with its time: exactly one of integer and float is there.</summary>
public readonly record struct RemoteHistogram(long TimestampMs, Histogram? Integer, FloatHistogram? Float);

/// <summary>One series of a sampled answer; samples and histograms are each in the order of the wire.</summary>
public sealed record RemoteReadSeries(Labels Labels, IReadOnlyList<Sample> Samples, IReadOnlyList<RemoteHistogram> Histograms);

/// <summary>One frame of a streamed answer.</summary>
public sealed record ChunkedReadFrame(IReadOnlyList<ChunkSeries> Series, long QueryIndex);
