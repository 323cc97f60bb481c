using Aion.PromQL;

namespace Aion.Rules;

/// <summary>What happens to a group whose query has only a part of the answer.</summary>
public enum PartialResponseStrategy
{
    /// <summary>The evaluation fails.</summary>
    Abort,

    /// <summary>The part is taken, with a warning.</summary>
    Warn,
}

/// <summary>A group of a rule file.</summary>
public sealed record RuleGroup
{
    public required string Name { get; init; }

    /// <summary>Time between evaluations; null or 0 = the ruler's default.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>How far before the time of evaluation queries look; null = the ruler's default.</summary>
    public TimeSpan? QueryOffset { get; init; }

    /// <summary>Most series or alerts a rule may have; 0 = any number.</summary>
    public long Limit { get; init; }

    /// <summary>Labels that all rules of the group get, unless they set them themselves; as written.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    public PartialResponseStrategy Strategy { get; init; }

    public IReadOnlyList<Rule> Rules { get; init; } = [];
}

/// <summary>A recording rule (<see cref="Record"/>) or an alert (<see cref="Alert"/>).</summary>
public sealed record Rule
{
    /// <summary>Name of the series; empty in an alert.</summary>
    public string Record { get; init; } = "";

    /// <summary>Name of the alert; empty in a recording rule.</summary>
    public string Alert { get; init; } = "";

    /// <summary>As written.</summary>
    public string Expression { get; init; } = "";

    /// <summary>Null where the expression can't be parsed; a problem says why.</summary>
    public Expr? Parsed { get; init; }

    /// <summary>How long the expression must hold before the alert fires.</summary>
    public TimeSpan For { get; init; }

    public TimeSpan KeepFiringFor { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Annotations { get; init; } = [];

    public bool IsAlert => Alert.Length > 0;
}

/// <summary>Something in a rule file that is not as it should be.</summary>
/// <param name="IsError">False: the file can be used; the problem says what is ignored.</param>
/// <param name="Line">In the file, from 1; 0 = none in particular.</param>
/// <param name="Column">From 1; 0 = none in particular.</param>
public sealed record RuleFileProblem(bool IsError, int Line, int Column, string Message)
{
    public override string ToString() => Line == 0 ? Message : $"{Line}:{Column}: {Message}";
}

/// <summary>What a rule file says.</summary>
/// <param name="Groups">In the file's order; of a file with errors what could be read.</param>
/// <param name="Problems">In the file's order.</param>
public sealed record RuleFile(IReadOnlyList<RuleGroup> Groups, IReadOnlyList<RuleFileProblem> Problems)
{
    public IEnumerable<RuleFileProblem> Errors => Problems.Where(p => p.IsError);

    public int RuleCount => Groups.Sum(g => g.Rules.Count);
}
