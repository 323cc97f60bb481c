using System.Text;
using System.Text.Json;

using Aion.Model;

namespace Aion.PromQL;

/// <summary>Trees as JSON, as <c>/api/v1/parse_query</c> answers: keys in alphabetical order, times and durations in milliseconds.</summary>
public static class PromQLJson
{
    private const int LevelsPerNode = 2;

    /// <summary>Options for a writer that holds the deepest tree of the default parser options; the default writer stops at 1000 levels.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { MaxDepth = (ParserOptions.Default.MaxDepth * LevelsPerNode) + 100 };

    /// <summary>Writes one value. Fill values that JSON numbers cannot hold (NaN, infinities) are strings.</summary>
    public static void Write(Utf8JsonWriter writer, Expr expr)
    {
        writer.WriteStartObject();
        switch (expr)
        {
            case AggregateExpr e: WriteAggregation(writer, e); break;
            case BinaryExpr e: WriteBinary(writer, e); break;
            case Call e: WriteCall(writer, e); break;
            case MatrixSelector e: WriteSelector(writer, "matrixSelector", e.Selector, e); break;
            case VectorSelector e: WriteSelector(writer, "vectorSelector", e, null); break;
            case SubqueryExpr e: WriteSubquery(writer, e); break;
            case NumberLiteral e:
                writer.WriteString("type", "numberLiteral");
                writer.WriteString("val", GoFloat.ToPlain(e.Value));
                break;
            case StringLiteral e:
                writer.WriteString("type", "stringLiteral");
                WriteText(writer, "val", e.Value);
                break;
            case ParenExpr e:
                WriteChild(writer, "expr", e.Inner);
                writer.WriteString("type", "parenExpr");
                break;
            case UnaryExpr e:
                WriteChild(writer, "expr", e.Operand);
                writer.WriteString("op", e.Negative ? "-" : "+");
                writer.WriteString("type", "unaryExpr");
                break;
            default: throw new ArgumentException($"{expr.GetType().Name} has no JSON form", nameof(expr));
        }

        writer.WriteEndObject();
    }

    private static void WriteChild(Utf8JsonWriter writer, string name, Expr? child)
    {
        writer.WritePropertyName(name);
        if (child is null) writer.WriteNullValue();
        else Write(writer, child);
    }

    // By way of UTF-8, because a text may hold bytes that are none; those become U+FFFD.
    private static void WriteText(Utf8JsonWriter writer, string name, string value) => writer.WriteString(name, Encoding.UTF8.GetBytes(value));

    private static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values) writer.WriteStringValue(Encoding.UTF8.GetBytes(value));
        writer.WriteEndArray();
    }

    private static void WriteAggregation(Utf8JsonWriter writer, AggregateExpr e)
    {
        WriteChild(writer, "expr", e.Expression);
        WriteTexts(writer, "grouping", e.Grouping);
        writer.WriteString("op", e.Operator.Text());
        WriteChild(writer, "param", e.Parameter);
        writer.WriteString("type", "aggregation");
        writer.WriteBoolean("without", e.Without);
    }

    private static void WriteBinary(Utf8JsonWriter writer, BinaryExpr e)
    {
        writer.WriteBoolean("bool", e.ReturnBool);
        WriteChild(writer, "lhs", e.Left);
        if (e.Matching is null) writer.WriteNull("matching");
        else WriteMatching(writer, e.Matching);
        writer.WriteString("op", e.Operator.Text());
        WriteChild(writer, "rhs", e.Right);
        writer.WriteString("type", "binaryExpr");
    }

    private static void WriteMatching(Utf8JsonWriter writer, VectorMatching matching)
    {
        writer.WriteStartObject("matching");
        writer.WriteString("card", matching.Cardinality.Text());
        writer.WriteStartObject("fillValues");
        WriteFill(writer, "lhs", matching.FillLeft);
        WriteFill(writer, "rhs", matching.FillRight);
        writer.WriteEndObject();
        WriteTexts(writer, "include", matching.Include);
        WriteTexts(writer, "labels", matching.Labels);
        writer.WriteBoolean("on", matching.On);
        writer.WriteEndObject();
    }

    private static void WriteFill(Utf8JsonWriter writer, string name, double? value)
    {
        writer.WritePropertyName(name);
        if (value is null) writer.WriteNullValue();
        else if (double.IsFinite(value.Value)) writer.WriteRawValue(GoFloat.ToSample(value.Value), skipInputValidation: true);
        else writer.WriteStringValue(GoFloat.ToPlain(value.Value));
    }

    private static void WriteCall(Utf8JsonWriter writer, Call e)
    {
        writer.WriteStartArray("args");
        foreach (Expr argument in e.Arguments) Write(writer, argument);
        writer.WriteEndArray();
        writer.WriteStartObject("func");
        WriteTexts(writer, "argTypes", e.Function.ArgumentTypes.Select(t => t.Name()));
        writer.WriteString("name", e.Function.Name);
        writer.WriteString("returnType", e.Function.ReturnType.Name());
        writer.WriteNumber("variadic", e.Function.Variadic);
        writer.WriteEndObject();
        writer.WriteString("type", "call");
    }

    private static void WriteSelector(Utf8JsonWriter writer, string type, VectorSelector e, MatrixSelector? matrix)
    {
        writer.WriteBoolean("anchored", e.Anchored);
        writer.WriteStartArray("matchers");
        foreach (LabelMatcher matcher in e.Matchers)
        {
            writer.WriteStartObject();
            WriteText(writer, "name", matcher.Name);
            writer.WriteString("type", matcher.Type.Text());
            WriteText(writer, "value", matcher.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteText(writer, "name", e.Name);
        WriteDuration(writer, "offset", e.OffsetMs, "offsetExpr", e.OffsetExpression);
        if (matrix is not null) WriteDuration(writer, "range", matrix.RangeMs, "rangeExpr", matrix.RangeExpression);
        writer.WriteBoolean("smoothed", e.Smoothed);
        WriteStartOrEnd(writer, e.AtStartOrEnd);
        WriteTimestamp(writer, e.AtMs);
        writer.WriteString("type", type);
    }

    private static void WriteSubquery(Utf8JsonWriter writer, SubqueryExpr e)
    {
        WriteChild(writer, "expr", e.Expression);
        WriteDuration(writer, "offset", e.OffsetMs, "offsetExpr", e.OffsetExpression);
        WriteDuration(writer, "range", e.RangeMs, "rangeExpr", e.RangeExpression);
        WriteStartOrEnd(writer, e.AtStartOrEnd);
        WriteDuration(writer, "step", e.StepMs, "stepExpr", e.StepExpression);
        WriteTimestamp(writer, e.AtMs);
        writer.WriteString("type", "subquery");
    }

    private static void WriteTimestamp(Utf8JsonWriter writer, long? milliseconds)
    {
        if (milliseconds is { } ms) writer.WriteNumber("timestamp", ms);
        else writer.WriteNull("timestamp");
    }

    private static void WriteStartOrEnd(Utf8JsonWriter writer, AtPreprocessor startOrEnd)
    {
        if (startOrEnd == AtPreprocessor.None) writer.WriteNull("startOrEnd");
        else writer.WriteString("startOrEnd", startOrEnd == AtPreprocessor.Start ? "start" : "end");
    }

    private static void WriteDuration(Utf8JsonWriter writer, string name, long milliseconds, string expressionName, DurationExpr? expression)
    {
        writer.WriteNumber(name, milliseconds);
        writer.WritePropertyName(expressionName);
        WriteDurationExpression(writer, expression);
    }

    private static void WriteDurationExpression(Utf8JsonWriter writer, Expr? expression)
    {
        if (expression is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        if (expression is DurationExpr e)
        {
            writer.WritePropertyName("lhs");
            WriteDurationExpression(writer, e.Left);
            writer.WriteString("op", e.Operator.Text());
            writer.WritePropertyName("rhs");
            WriteDurationExpression(writer, e.Right);
            writer.WriteString("type", "durationExpr");
            writer.WriteBoolean("wrapped", e.Wrapped);
        }
        else
        {
            var literal = (NumberLiteral)expression;
            writer.WriteBoolean("duration", literal.IsDuration);
            writer.WriteString("type", "numberLiteral");
            writer.WriteString("val", GoFloat.ToPlain(literal.Value));
        }

        writer.WriteEndObject();
    }
}
