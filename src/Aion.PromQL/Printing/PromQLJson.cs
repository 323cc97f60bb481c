using System.Text;
using System.Text.Json;

using Aion.Model;

namespace Aion.PromQL;

/// <summary>Trees as JSON, as <c>/api/v1/parse_query</c> answers. Times and durations are milliseconds.</summary>
public static class PromQLJson
{
    /// <summary>Writes one value. Fill values that JSON numbers cannot hold (NaN, infinities) are strings.</summary>
    public static void Write(Utf8JsonWriter writer, Expr expr)
    {
        writer.WriteStartObject();
        switch (expr)
        {
            case AggregateExpr e: WriteAggregation(writer, e); break;
            case BinaryExpr e: WriteBinary(writer, e); break;
            case Call e: WriteCall(writer, e); break;
            case MatrixSelector e:
                writer.WriteString("type", "matrixSelector");
                WriteDuration(writer, "range", e.RangeMs, "rangeExpr", e.RangeExpression);
                WriteSelector(writer, e.Selector);
                break;
            case VectorSelector e:
                writer.WriteString("type", "vectorSelector");
                WriteSelector(writer, e);
                break;
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
                writer.WriteString("type", "parenExpr");
                WriteChild(writer, "expr", e.Inner);
                break;
            case UnaryExpr e:
                writer.WriteString("type", "unaryExpr");
                writer.WriteString("op", e.Negative ? "-" : "+");
                WriteChild(writer, "expr", e.Operand);
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
        writer.WriteString("type", "aggregation");
        writer.WriteString("op", e.Operator.Text());
        WriteChild(writer, "expr", e.Expression);
        WriteChild(writer, "param", e.Parameter);
        WriteTexts(writer, "grouping", e.Grouping);
        writer.WriteBoolean("without", e.Without);
    }

    private static void WriteBinary(Utf8JsonWriter writer, BinaryExpr e)
    {
        writer.WriteString("type", "binaryExpr");
        writer.WriteString("op", e.Operator.Text());
        WriteChild(writer, "lhs", e.Left);
        WriteChild(writer, "rhs", e.Right);
        writer.WriteBoolean("bool", e.ReturnBool);
        if (e.Matching is not { } matching)
        {
            writer.WriteNull("matching");
            return;
        }

        writer.WriteStartObject("matching");
        writer.WriteString("card", matching.Cardinality.Text());
        WriteTexts(writer, "labels", matching.Labels);
        writer.WriteBoolean("on", matching.On);
        WriteTexts(writer, "include", matching.Include);
        writer.WriteStartObject("fillValues");
        WriteFill(writer, "lhs", matching.FillLeft);
        WriteFill(writer, "rhs", matching.FillRight);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteFill(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is null) writer.WriteNull(name);
        else if (double.IsFinite(value.Value)) writer.WriteNumber(name, value.Value);
        else writer.WriteString(name, GoFloat.ToPlain(value.Value));
    }

    private static void WriteCall(Utf8JsonWriter writer, Call e)
    {
        writer.WriteString("type", "call");
        writer.WriteStartObject("func");
        writer.WriteString("name", e.Function.Name);
        WriteTexts(writer, "argTypes", e.Function.ArgumentTypes.Select(t => t.Name()));
        writer.WriteNumber("variadic", e.Function.Variadic);
        writer.WriteString("returnType", e.Function.ReturnType.Name());
        writer.WriteEndObject();
        writer.WriteStartArray("args");
        foreach (Expr argument in e.Arguments) Write(writer, argument);
        writer.WriteEndArray();
    }

    private static void WriteSelector(Utf8JsonWriter writer, VectorSelector e)
    {
        WriteText(writer, "name", e.Name);
        WriteDuration(writer, "offset", e.OffsetMs, "offsetExpr", e.OffsetExpression);
        writer.WriteStartArray("matchers");
        foreach (LabelMatcher matcher in e.Matchers)
        {
            writer.WriteStartObject();
            WriteText(writer, "name", matcher.Name);
            WriteText(writer, "value", matcher.Value);
            writer.WriteString("type", matcher.Type.Text());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteAt(writer, e.AtMs, e.AtStartOrEnd);
        writer.WriteBoolean("anchored", e.Anchored);
        writer.WriteBoolean("smoothed", e.Smoothed);
    }

    private static void WriteSubquery(Utf8JsonWriter writer, SubqueryExpr e)
    {
        writer.WriteString("type", "subquery");
        WriteChild(writer, "expr", e.Expression);
        WriteDuration(writer, "range", e.RangeMs, "rangeExpr", e.RangeExpression);
        WriteDuration(writer, "offset", e.OffsetMs, "offsetExpr", e.OffsetExpression);
        WriteDuration(writer, "step", e.StepMs, "stepExpr", e.StepExpression);
        WriteAt(writer, e.AtMs, e.AtStartOrEnd);
    }

    private static void WriteAt(Utf8JsonWriter writer, long? milliseconds, AtPreprocessor startOrEnd)
    {
        if (milliseconds is { } ms) writer.WriteNumber("timestamp", ms);
        else writer.WriteNull("timestamp");
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
            writer.WriteString("type", "durationExpr");
            writer.WriteString("op", e.Operator.Text());
            writer.WritePropertyName("lhs");
            WriteDurationExpression(writer, e.Left);
            writer.WritePropertyName("rhs");
            WriteDurationExpression(writer, e.Right);
            writer.WriteBoolean("wrapped", e.Wrapped);
        }
        else
        {
            var literal = (NumberLiteral)expression;
            writer.WriteString("type", "numberLiteral");
            writer.WriteString("val", GoFloat.ToPlain(literal.Value));
            writer.WriteBoolean("duration", literal.IsDuration);
        }

        writer.WriteEndObject();
    }
}
