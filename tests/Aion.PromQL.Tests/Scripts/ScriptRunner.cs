using System.Text.RegularExpressions;
using Aion.Model;

namespace Aion.PromQL.Tests;

/// <summary>Runs a script and tells what is wrong with each eval that does not pass.</summary>
internal sealed class ScriptRunner(QueryOptions options, bool reruns, double tolerance)
{
    private static readonly HashSet<string> NoAtReruns = new(StringComparer.Ordinal)
    {
        "time", "timestamp", "predict_linear", "start", "end", "range", "step", "minute", "hour", "month", "year", "days_in_month",
        "day_of_month", "day_of_week", "day_of_year",
    };

    private static readonly string[] NoRangeReruns = ["start()", "end()", "range()", "step()"];
    private readonly QueryEngine _engine = new(TimeProvider.System);
    private readonly ScriptStore _store = new();

    /// <summary>The options that Prometheus's own test suite gives its engine.</summary>
    public static QueryOptions SuiteOptions { get; } = new()
    {
        Parser = ParserOptions.AllFeatures,
        MaxSamples = 10_000,
        Timeout = TimeSpan.FromSeconds(100),
        DelayedNameRemoval = true,
        UseStartTimestamps = true,
        Parallelism = 2,
    };

    /// <summary>The lines of all evals, and the failures by line.</summary>
    public async Task<(List<int> Lines, SortedDictionary<int, string> Failures)> RunAsync(string script)
    {
        List<int> lines = [];
        SortedDictionary<int, string> failures = [];
        foreach (ScriptCommand command in ScriptParser.Parse(script))
        {
            switch (command)
            {
                case ClearCommand: _store.Clear(); break;
                case LoadCommand load: _store.Load(load); break;
                case EvalCommand eval:
                    lines.Add(eval.Line);
                    try
                    {
                        await EvalAsync(eval);
                    }
                    catch (Exception e)
                    {
                        failures[eval.Line] = $"{eval.Query}: {(e is MismatchException ? e.Message : e.ToString())}";
                    }

                    break;
            }
        }

        return (lines, failures);
    }

    private async Task EvalAsync(EvalCommand eval)
    {
        if (eval.IsRange)
        {
            await RunRangeAsync(eval);
            return;
        }

        await RunInstantAsync(eval, eval.Query, eval.StartMs);
        if (!reruns) return;
        Expr expression = PromQLParser.Parse(eval.Query, options.Parser);
        if (CallsAny(expression)) return;
        long t = eval.StartMs;
        string pinned = PromQLPrinter.Format(PinTimes(expression, t));
        long[] times = t == 0 ? [-1000, 0, 1000] : [-10 * t, 0, t / 5, t, 10 * t];
        foreach (long time in times)
        {
            try
            {
                await RunInstantAsync(eval, pinned, time);
            }
            catch (MismatchException e)
            {
                throw new MismatchException($"@ rerun {pinned} at {time}: {e.Message}");
            }
        }
    }

    private async Task RunInstantAsync(EvalCommand eval, string query, long time)
    {
        QueryResult? result = await AnswerAsync(eval, query, () => _engine.InstantAsync(query, time, options, _store, TestContext.Current.CancellationToken));
        if (result is null)
        {
            return;
        }

        CheckAnnotations(eval, result);
        if (eval.ExpectedString is { } text)
        {
            if (result.Type != ValueType.String || result.Text != text) throw new MismatchException($"expected string {text}, got {result.Text}");
            return;
        }

        if (eval.RangeVectorStepMs is { } step)
        {
            CheckSeries(eval, result, eval.RangeVectorStartMs, step);
            return;
        }

        if (eval.ExpectedScalar is { } scalar)
        {
            if (result.Type != ValueType.Scalar || !ScriptComparison.Same(scalar, result.Scalar, tolerance))
                throw new MismatchException(FormattableString.Invariant($"expected scalar {scalar}, got {result.Type} {result.Scalar:R}"));
        }
        else
        {
            CheckSeries(eval, result, time, 1);
        }

        if (reruns && !NoRangeReruns.Any(f => query.Contains(f, StringComparison.Ordinal))) await RerunAsRangeAsync(eval, query, time);
    }

    private async Task RerunAsRangeAsync(EvalCommand eval, string query, long time)
    {
        QueryResult range;
        try
        {
            range = await _engine.RangeAsync(query, time - 60_000, time + 60_000, 60_000, options, _store, TestContext.Current.CancellationToken);
        }
        catch (PromQLException e)
        {
            throw new MismatchException($"range rerun failed: {e.Message}");
        }

        CheckOrder(range);
        if (eval.Ordered) return;
        if (eval.ExpectedScalar is { } scalar)
        {
            foreach (ResultPoint point in range.Series[0])
                if (point.TimestampMs == time && !ScriptComparison.Same(scalar, point.Value, tolerance))
                    throw new MismatchException(FormattableString.Invariant($"range rerun: expected {scalar}, got {point.Value}"));
            return;
        }

        try
        {
            CheckSeries(eval, range, time, 1, onlyAt: time);
        }
        catch (MismatchException e)
        {
            throw new MismatchException($"range rerun of {query} at {time}: {e.Message}");
        }
    }

    private async Task RunRangeAsync(EvalCommand eval)
    {
        QueryResult? result = await AnswerAsync(eval, eval.Query, () => _engine.RangeAsync(
            eval.Query, eval.StartMs, eval.EndMs, eval.StepMs, options, _store, TestContext.Current.CancellationToken));
        if (result is null) return;
        CheckAnnotations(eval, result);
        CheckOrder(result);
        CheckSeries(eval, result, eval.StartMs, eval.StepMs);
    }

    /// <summary>The answer, or null if the query failed as it should.</summary>
    private static async Task<QueryResult?> AnswerAsync(EvalCommand eval, string query, Func<Task<QueryResult>> run)
    {
        try
        {
            QueryResult result = await run();
            if (eval.ExpectsFailure) throw new MismatchException("succeeded, but should fail");
            return result;
        }
        catch (PromQLException e)
        {
            if (!eval.ExpectsFailure) throw new MismatchException($"{query} failed: {e.Message}");
            foreach (Expectation expected in eval.Expectations.Where(x => x.Class == "fail"))
                if (!Matches(expected, e.Message))
                    throw new MismatchException($"failed with {e.Message}, expected {expected.Message ?? expected.Pattern}");
            return null;
        }
    }

    private static bool Matches(Expectation expected, string text)
    {
        if (expected.Message is not null) return expected.Message == text;
        return expected.Pattern is null || Regex.IsMatch(text, expected.Pattern);
    }

    private static void CheckAnnotations(EvalCommand eval, QueryResult result)
    {
        Check("warn", result.Warnings);
        Check("info", result.Infos);

        void Check(string kind, IReadOnlyList<string> texts)
        {
            if (eval.Expectations.Exists(e => e.Class == "no_" + kind) && texts.Count > 0) throw new MismatchException($"unexpected {kind}: {texts[0]}");
            List<Expectation> expected = eval.Expectations.FindAll(e => e.Class == kind);
            if (expected.Count == 0) return;
            foreach (Expectation e in expected)
                if (!texts.Any(t => Matches(e, t)))
                    throw new MismatchException($"missing {kind} {e.Message ?? e.Pattern}; got [{string.Join("; ", texts)}]");
            foreach (string text in texts)
                if (!expected.Exists(e => Matches(e, text))) throw new MismatchException($"unexpected {kind}: {text}");
        }
    }

    private static void CheckOrder(QueryResult result)
    {
        for (var i = 1; i < result.Series.Count; i++)
            if (result.Series[i - 1].Labels >= result.Series[i].Labels)
                throw new MismatchException($"series out of order: {result.Series[i - 1].Labels} before {result.Series[i].Labels}");
    }

    private void CheckSeries(EvalCommand eval, QueryResult result, long startMs, long stepMs, long? onlyAt = null)
    {
        if (eval.ExpectedScalar is not null) throw new MismatchException("expected a scalar");
        if (result.Type is ValueType.Scalar or ValueType.String)
        {
            throw new MismatchException($"got a {result.Type}");
        }

        if (eval.Ordered && onlyAt is null)
        {
            for (var i = 0; i < Math.Min(result.Series.Count, eval.Series.Count); i++)
                if (!result.Series[i].Labels.Equals(eval.Series[i].Labels))
                    throw new MismatchException($"at place {i}: expected {eval.Series[i].Labels}, got {result.Series[i].Labels}");
        }

        HashSet<Labels> seen = [];
        foreach (ResultSeries series in result.Series)
        {
            List<ResultPoint> points = [];
            foreach (ResultPoint point in series)
                if (onlyAt is null || point.TimestampMs == onlyAt) points.Add(point);
            if (points.Count == 0 && onlyAt is not null) continue;
            int at = eval.Series.FindLastIndex(s => s.Labels.Equals(series.Labels));
            if (at < 0) throw new MismatchException($"unexpected series {series.Labels} = {points[0]}");
            seen.Add(series.Labels);
            CheckPoints(series.Labels, eval.Series[at].Values, points, startMs, stepMs);
        }

        foreach ((Labels labels, IReadOnlyList<SequenceValue> values) in eval.Series)
            if (!seen.Contains(labels) && values.Any(v => !v.IsOmitted)) throw new MismatchException($"missing series {labels}");
    }

    private void CheckPoints(Labels labels, IReadOnlyList<SequenceValue> values, List<ResultPoint> points, long startMs, long stepMs)
    {
        var expected = new List<(long Time, SequenceValue Value)>();
        for (var i = 0; i < values.Count; i++)
            if (!values[i].IsOmitted) expected.Add((startMs + i * stepMs, values[i]));
        for (var i = 0; i < Math.Max(expected.Count, points.Count); i++)
        {
            if (i >= expected.Count) throw new MismatchException($"{labels}: unexpected point {points[i]}");
            if (i >= points.Count) throw new MismatchException($"{labels}: missing point at {expected[i].Time}, {points.Count} of {expected.Count}");
            if (expected[i].Time != points[i].TimestampMs)
                throw new MismatchException($"{labels}: expected a point at {expected[i].Time}, got one at {points[i].TimestampMs}");
            if (ScriptComparison.Difference(expected[i].Value, points[i], tolerance) is { } difference)
                throw new MismatchException($"{labels} at {expected[i].Time}: {difference}");
        }
    }

    private static bool CallsAny(Expr expression) =>
        (expression is Call call && NoAtReruns.Contains(call.Function.Name)) || expression.Children.Any(CallsAny)
        || (expression is AggregateExpr { Parameter: { } parameter } && CallsAny(parameter));

    /// <summary>Pins every selector and subquery that has no time to the given one; what is inside a pinned subquery stays.</summary>
    private static Expr PinTimes(Expr expression, long t) => expression switch
    {
        VectorSelector selector => selector.AtMs is null ? selector with { AtMs = t, AtStartOrEnd = AtPreprocessor.None } : selector,
        MatrixSelector matrix => matrix with { Selector = (VectorSelector)PinTimes(matrix.Selector, t) },
        SubqueryExpr subquery => subquery.AtMs is null ? subquery with { AtMs = t, AtStartOrEnd = AtPreprocessor.None } : subquery,
        ParenExpr paren => paren with { Inner = PinTimes(paren.Inner, t) },
        UnaryExpr unary => unary with { Operand = PinTimes(unary.Operand, t) },
        Call call => call with { Arguments = [.. call.Arguments.Select(a => a is VectorSelector { IsMatcherList: true } ? a : PinTimes(a, t))] },
        AggregateExpr aggregate => aggregate with
        {
            Expression = PinTimes(aggregate.Expression, t),
            Parameter = aggregate.Parameter is null ? null : PinTimes(aggregate.Parameter, t),
        },
        BinaryExpr binary => binary with { Left = PinTimes(binary.Left, t), Right = PinTimes(binary.Right, t) },
        _ => expression,
    };

    private sealed class MismatchException(string message) : Exception(message);
}
