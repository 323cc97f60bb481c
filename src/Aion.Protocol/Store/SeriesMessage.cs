using Aion.Storage;
using Google.Protobuf.WellKnownTypes;

namespace Aion.Protocol;

/// <summary>
/// One message of a Series stream (<c>thanos.SeriesResponse</c>). Exactly one of series, batch, warning and hints is there; an empty
/// message (an unknown kind of result) has none. Chunk bytes are slices of the received buffer.
/// </summary>
public sealed class SeriesMessage
{
    private SeriesMessage()
    {
    }

    public static SeriesMessage Empty { get; } = new();

    /// <summary>The series of this message: one unless <see cref="IsBatch"/>.</summary>
    public IReadOnlyList<ChunkSeries> Series { get; private init; } = [];

    public bool IsBatch { get; private init; }

    /// <summary>Chunks without a hash go out without one; otherwise it is computed.</summary>
    public bool LeavesHashesOut { get; private init; }

    public string? Warning { get; private init; }

    public Any? Hints { get; private init; }

    public static SeriesMessage One(ChunkSeries series, bool leaveHashesOut = false) => new() { Series = [series], LeavesHashesOut = leaveHashesOut };

    public static SeriesMessage Batch(IReadOnlyList<ChunkSeries> series, bool leaveHashesOut = false) =>
        new() { Series = series, IsBatch = true, LeavesHashesOut = leaveHashesOut };

    public static SeriesMessage OfWarning(string warning) => new() { Warning = warning };

    public static SeriesMessage OfHints(Any hints) => new() { Hints = hints };
}
