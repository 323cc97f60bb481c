using System.Globalization;

namespace Aion.PromQL;

/// <summary>Computes duration expressions, once, before a query runs. Seconds throughout; the result truncates to whole milliseconds.</summary>
internal sealed class DurationResolver(StepGrid grid, long endMs)
{
    private const double MaxSeconds = 9223372036.854775807;

    /// <summary>The value in milliseconds.</summary>
    /// <exception cref="PromQLException">Division by zero, or a value that is no duration; <c>start:end: text</c>.</exception>
    public long Milliseconds(DurationExpr expression, bool mayBeNegative)
    {
        double seconds = Seconds(expression);
        if (!double.IsFinite(seconds)) throw Error(expression, "duration is NaN or infinite");
        if (seconds <= 0 && !mayBeNegative) throw Error(expression, "duration must be greater than 0");
        if (seconds is > MaxSeconds or < -MaxSeconds) throw Error(expression, "duration is out of range");
        return (long)(seconds * 1000);
    }

    private double Seconds(Expr expression)
    {
        if (expression is NumberLiteral number) return number.Value;
        var duration = (DurationExpr)expression;
        double left = duration.Left is null ? 0 : Seconds(duration.Left);
        double right = duration.Right is null ? 0 : Seconds(duration.Right);
        return duration.Operator switch
        {
            DurationOperator.Step => grid.StepMs / 1000.0,
            DurationOperator.Range => (endMs - grid.StartMs) / 1000.0,
            DurationOperator.MinOf => MathFunctions.GoMin(left, right),
            DurationOperator.MaxOf => MathFunctions.GoMax(left, right),
            DurationOperator.Add => left + right,
            DurationOperator.Subtract => duration.Left is null ? -right : left - right,
            DurationOperator.Multiply => left * right,
            DurationOperator.Divide => right == 0 ? throw Error(expression, "division by zero") : left / right,
            DurationOperator.Modulo => right == 0 ? throw Error(expression, "modulo by zero") : left % right,
            _ => GoElementary.Pow(left, right),
        };
    }

    private static PromQLException Error(Expr expression, string text) => new(QueryErrorKind.BadData, string.Create(
        CultureInfo.InvariantCulture, $"{expression.Position.Start}:{expression.Position.End}: {text}"));
}
