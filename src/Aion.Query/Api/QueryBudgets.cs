using Aion.Storage;

namespace Aion.Query;

/// <summary>The memory of all queries of one API, and of each of them. Thread-safe.</summary>
internal sealed class QueryBudgets(QueryApiOptions options)
{
    /// <summary>What all running queries hold together.</summary>
    public MemoryBudget All { get; } = new(options.MaxTotalMemoryBytes, "--query.max-total-memory-bytes", holder: "all queries together");

    /// <summary>A budget for one request, which disposes of it.</summary>
    public MemoryBudget ForRequest() => new(options.MaxMemoryBytes, "--query.max-memory-bytes", All);
}
