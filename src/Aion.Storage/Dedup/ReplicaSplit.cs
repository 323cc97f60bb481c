namespace Aion.Storage;

/// <summary>Parts the chunks of one series into stretches without overlap, as if each came from a replica of its own .</summary>
public static class ReplicaSplit
{
    /// <summary>True when no chunk begins before the one before it has ended, so that there is one replica.</summary>
    /// <param name="chunks">By min time, ascending.</param>
    public static bool IsSingle(IReadOnlyList<SeriesChunk> chunks)
    {
        for (var i = 1; i < chunks.Count; i++)
            if (chunks[i].MinTimeMs <= chunks[i - 1].MaxTimeMs) return false;
        return true;
    }

    /// <summary>Each chunk goes to the first replica that ended before it begins, or to a new one.</summary>
    /// <param name="chunks">By min time, ascending.</param>
    public static IReadOnlyList<IReadOnlyList<SeriesChunk>> Split(IReadOnlyList<SeriesChunk> chunks)
    {
        var replicas = new List<List<SeriesChunk>>();
        for (var i = 0; i < chunks.Count; i++)
        {
            SeriesChunk chunk = chunks[i];
            List<SeriesChunk>? home = replicas.Find(r => r[^1].MaxTimeMs < chunk.MinTimeMs);
            if (home is null) replicas.Add(home = []);
            home.Add(chunk);
        }

        return replicas;
    }
}
