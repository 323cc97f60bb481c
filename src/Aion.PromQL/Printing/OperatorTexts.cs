using MatchType = Aion.Model.MatchType;

namespace Aion.PromQL;

/// <summary>The symbols of the smaller sets of operators.</summary>
internal static class OperatorTexts
{
    public static string Text(this MatchType type) => type switch
    {
        MatchType.Equal => "=",
        MatchType.NotEqual => "!=",
        MatchType.Regex => "=~",
        _ => "!~",
    };

    public static string Text(this DurationOperator op) => op switch
    {
        DurationOperator.Add => "+",
        DurationOperator.Subtract => "-",
        DurationOperator.Multiply => "*",
        DurationOperator.Divide => "/",
        DurationOperator.Modulo => "%",
        DurationOperator.Power => "^",
        DurationOperator.Step => "step",
        DurationOperator.Range => "range",
        DurationOperator.MinOf => "min_of",
        _ => "max_of",
    };

    public static string Text(this VectorMatchCardinality cardinality) => cardinality switch
    {
        VectorMatchCardinality.OneToOne => "one-to-one",
        VectorMatchCardinality.ManyToOne => "many-to-one",
        VectorMatchCardinality.OneToMany => "one-to-many",
        _ => "many-to-many",
    };
}
