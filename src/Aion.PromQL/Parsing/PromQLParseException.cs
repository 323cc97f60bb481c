namespace Aion.PromQL;

/// <summary>One fault in a query text.</summary>
/// <param name="Message">Without position.</param>
/// <param name="Position">The text complained of, in UTF-8 bytes.</param>
public sealed record ParseError(string Message, PositionRange Position);

/// <summary>The query text is not valid. The message is what a user sees: <c>line:col: parse error: …</c> of the first fault, byte columns from 1.</summary>
public sealed class PromQLParseException(string message, IReadOnlyList<ParseError> errors) : FormatException(message)
{
    /// <summary>All faults in the order found; never empty.</summary>
    public IReadOnlyList<ParseError> Errors { get; } = errors;
}
