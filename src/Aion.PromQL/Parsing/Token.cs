namespace Aion.PromQL;

/// <summary>Kinds of tokens. The groups (operators, aggregations, keywords) are contiguous; <see cref="Tokens"/> relies on it.</summary>
internal enum TokenKind : byte
{
    /// <summary>Nothing follows: after the end of input was taken, or after a lexical error.</summary>
    None,
    EndOfInput,
    Error,
    Identifier,
    MetricIdentifier,
    Number,
    Duration,
    String,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    LeftParen,
    RightParen,
    Comma,
    Colon,
    Assign,

    // Binary operators, in the order of BinaryOperator.
    Or,
    And,
    Unless,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    TrimUpper,
    TrimLower,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Atan2,
    Power,

    // Further tokens that are called operators in messages.
    MatchRegex,
    MatchNotRegex,
    At,

    // Aggregations, in the order of AggregateOperator.
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    TopK,
    BottomK,
    CountValues,
    Quantile,
    LimitK,
    LimitRatio,

    // Keywords.
    Bool,
    By,
    GroupLeft,
    GroupRight,
    Fill,
    FillLeft,
    FillRight,
    Ignoring,
    Offset,
    Smoothed,
    Anchored,
    On,
    Without,

    // Names that are keywords and functions.
    Start,
    End,
    Step,
    Range,
    MaxOf,
    MinOf,
}

/// <summary>One token: <c>[Start, End)</c> in UTF-8 bytes of the query.</summary>
internal readonly record struct Token(TokenKind Kind, int Start, int End)
{
    public PositionRange Position => new(Start, End);
}

internal static class Tokens
{
    public static bool IsBinaryOperator(this TokenKind kind) => kind is >= TokenKind.Or and <= TokenKind.Power;

    public static bool IsOperator(this TokenKind kind) => kind is >= TokenKind.Or and <= TokenKind.At;

    public static bool IsAggregation(this TokenKind kind) => kind is >= TokenKind.Sum and <= TokenKind.LimitRatio;

    public static bool IsKeyword(this TokenKind kind) => kind is >= TokenKind.Bool and <= TokenKind.Without;

    public static bool IsSign(this TokenKind kind) => kind is TokenKind.Add or TokenKind.Subtract;

    public static bool IsNumber(this TokenKind kind) => kind is TokenKind.Number or TokenKind.Duration;

    /// <summary>Words that are functions when a parenthesis follows.</summary>
    public static bool IsFunctionKeyword(this TokenKind kind) => kind >= TokenKind.Start;

    /// <summary>A token that can be a metric's name outside braces.</summary>
    public static bool IsMetricName(this TokenKind kind) => kind switch
    {
        TokenKind.Identifier or TokenKind.MetricIdentifier or TokenKind.Or or TokenKind.And or TokenKind.Unless => true,
        TokenKind.Bool or TokenKind.On or TokenKind.Ignoring or TokenKind.GroupLeft or TokenKind.GroupRight => false,
        _ => kind >= TokenKind.Sum,
    };

    /// <summary>A token that can be a label in a label list: all words but <c>without</c>.</summary>
    public static bool IsLabelName(this TokenKind kind) => kind switch
    {
        TokenKind.Identifier or TokenKind.MetricIdentifier or TokenKind.Or or TokenKind.And or TokenKind.Unless or TokenKind.Atan2 => true,
        TokenKind.Without => false,
        _ => kind >= TokenKind.Sum,
    };

    /// <summary>A token that an expression can begin with.</summary>
    public static bool StartsExpression(this TokenKind kind) => kind switch
    {
        TokenKind.Number or TokenKind.Duration or TokenKind.String or TokenKind.LeftParen or TokenKind.LeftBrace => true,
        TokenKind.Add or TokenKind.Subtract => true,
        _ => kind.IsMetricName(),
    };
}
