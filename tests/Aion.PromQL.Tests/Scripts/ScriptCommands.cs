using Aion.Model;

namespace Aion.PromQL.Tests;

/// <summary>One command of a promqltest script, with the 1-based line it starts at.</summary>
internal abstract record ScriptCommand(int Line);

internal sealed record ClearCommand(int Line) : ScriptCommand(Line);

internal sealed record LoadCommand(int Line, long StepMs, bool WithNativeBuckets, IReadOnlyList<LoadedSeries> Series) : ScriptCommand(Line);

/// <summary>One line of a load block; start timestamps are absolute milliseconds, 0 = unknown.</summary>
internal sealed record LoadedSeries(Labels Labels, IReadOnlyList<SequenceValue> Values, IReadOnlyList<long>? StartTimes);

internal sealed record EvalCommand(int Line, string Query) : ScriptCommand(Line)
{
    public bool IsRange { get; init; }

    public long StartMs { get; init; }

    public long EndMs { get; init; }

    public long StepMs { get; init; }

    public List<Expectation> Expectations { get; } = [];

    public bool Ordered { get; set; }

    /// <summary>The step of <c>expect range vector</c>; its start and end are <see cref="RangeVectorStartMs"/> and <see cref="StartMs"/>.</summary>
    public long? RangeVectorStepMs { get; set; }

    public long RangeVectorStartMs { get; set; }

    public string? ExpectedString { get; set; }

    public double? ExpectedScalar { get; set; }

    public List<(Labels Labels, IReadOnlyList<SequenceValue> Values)> Series { get; } = [];

    public bool ExpectsFailure => Expectations.Exists(e => e.Class == "fail");
}

/// <summary>An <c>expect</c> line about failure or annotations. Class: fail, warn, info, no_warn, no_info.</summary>
internal sealed record Expectation(string Class, string? Message, string? Pattern);
