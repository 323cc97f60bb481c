using Aion.Model;

namespace Aion.Compactor;

/// <summary>What went wrong in one run; decides the exit status. Thread-safe.</summary>
internal sealed class RunFindings
{
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly List<(JobFailure Failure, string Text)> _failures = [];
    private readonly List<string> _setAside = [];

    public IReadOnlyList<(JobFailure Failure, string Text)> Failures
    {
        get
        {
            lock (_lock) return [.. _failures];
        }
    }

    /// <summary>Blocks, and chunks of blocks, that are only in the quarantine or untouched now.</summary>
    public IReadOnlyList<string> SetAside
    {
        get
        {
            lock (_lock) return [.. _setAside];
        }
    }

    public bool IsClean => Failures.Count == 0 && SetAside.Count == 0;

    public void Fail(JobFailure failure, string text)
    {
        lock (_lock) _failures.Add((failure, text));
    }

    public void SetAsideBlock(BlockId block, string reason)
    {
        lock (_lock) _setAside.Add($"block {block}: {reason}");
    }

    public void SetAsideChunks(BlockId result, long chunks)
    {
        lock (_lock) _setAside.Add($"{chunks} chunks or series that did not get into block {result}: see {Quarantine.KeyOf(result)}");
    }

    /// <summary>All of it as one text; empty when nothing went wrong.</summary>
    public string Describe()
    {
        IEnumerable<string> failures = Failures.Select(f => f.Text), aside = SetAside.Select(s => $"set aside: {s}");
        return string.Join("; ", failures.Concat(aside));
    }
}
