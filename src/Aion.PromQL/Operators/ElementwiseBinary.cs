using System.Numerics;
using Aion.Model;

namespace Aion.PromQL;

/// <summary>What went wrong with the last bad pair of a step; one annotation a kind, however many pairs.</summary>
internal enum PairProblem : byte
{
    None,
    FloatFloat,
    FloatHistogram,
    HistogramFloat,
    HistogramHistogram,
    IncompatibleLayout,
    AdditionCollision,
    SubtractionCollision,
    AdditionReconciled,
    SubtractionReconciled,
}

/// <summary>Collects, for each step, the problem of the last pair that had one.</summary>
internal sealed class StepProblems(int steps)
{
    private PairProblem[]? _last;

    public void Note(int step, PairProblem problem) => (_last ??= new PairProblem[steps])[step] = problem;

    public void Report(Annotations annotations, BinaryOperator op, PositionRange position)
    {
        if (_last is null) return;
        foreach (PairProblem problem in _last.Distinct())
        {
            switch (problem)
            {
                case PairProblem.None: break;
                case PairProblem.FloatFloat: Types("float", "float"); break;
                case PairProblem.FloatHistogram: Types("float", "histogram"); break;
                case PairProblem.HistogramFloat: Types("histogram", "float"); break;
                case PairProblem.HistogramHistogram: Types("histogram", "histogram"); break;
                case PairProblem.IncompatibleLayout: annotations.Add(AnnotationKind.IncompatibleBucketLayout, position, op.Text()); break;
                case PairProblem.AdditionCollision: annotations.Add(AnnotationKind.CounterResetCollision, position, "addition"); break;
                case PairProblem.SubtractionCollision: annotations.Add(AnnotationKind.CounterResetCollision, position, "subtraction"); break;
                case PairProblem.AdditionReconciled: annotations.Add(AnnotationKind.MismatchedCustomBuckets, position, "addition"); break;
                default: annotations.Add(AnnotationKind.MismatchedCustomBuckets, position, "subtraction"); break;
            }
        }

        void Types(string left, string right) => annotations.Add(AnnotationKind.IncompatibleTypes, position, op.Text(), $"{left} {op.Text()} {right}");
    }
}

/// <summary>Binary operators between two values, and between rows of floats.</summary>
internal static class ElementwiseBinary
{
    public static Func<double, double, double> Scalar(BinaryOperator op) => op switch
    {
        BinaryOperator.Add => static (a, b) => a + b,
        BinaryOperator.Subtract => static (a, b) => a - b,
        BinaryOperator.Multiply => static (a, b) => a * b,
        BinaryOperator.Divide => static (a, b) => a / b,
        BinaryOperator.Modulo => static (a, b) => a % b,
        BinaryOperator.Power => GoElementary.Pow,
        BinaryOperator.Atan2 => GoElementary.Atan2,
        BinaryOperator.Equal => static (a, b) => a == b ? 1 : 0,
        BinaryOperator.NotEqual => static (a, b) => a != b ? 1 : 0,
        BinaryOperator.Less => static (a, b) => a < b ? 1 : 0,
        BinaryOperator.LessOrEqual => static (a, b) => a <= b ? 1 : 0,
        BinaryOperator.Greater => static (a, b) => a > b ? 1 : 0,
        BinaryOperator.GreaterOrEqual => static (a, b) => a >= b ? 1 : 0,
        _ => throw PromQLException.Execution($"operator \"{op.Text()}\" not allowed for Scalar operations"),
    };

    /// <summary>Arithmetic over whole rows; also at steps that are absent, where the value means nothing.</summary>
    public static void Arithmetic(BinaryOperator op, ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> target)
    {
        switch (op)
        {
            case BinaryOperator.Add: Run<AddKernel>(left, right, target); break;
            case BinaryOperator.Subtract: Run<SubtractKernel>(left, right, target); break;
            case BinaryOperator.Multiply: Run<MultiplyKernel>(left, right, target); break;
            case BinaryOperator.Divide: Run<DivideKernel>(left, right, target); break;
            case BinaryOperator.Modulo:
                for (var i = 0; i < target.Length; i++) target[i] = left[i] % right[i];
                break;
            case BinaryOperator.Power:
                for (var i = 0; i < target.Length; i++) target[i] = GoElementary.Pow(left[i], right[i]);
                break;
            case BinaryOperator.Atan2:
                for (var i = 0; i < target.Length; i++) target[i] = GoElementary.Atan2(left[i], right[i]);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(op));
        }
    }

    /// <summary>Where the comparison holds.</summary>
    public static void Compare(BinaryOperator op, ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<ulong> holds)
    {
        holds.Clear();
        for (var i = 0; i < left.Length; i++)
            if (Holds(op, left[i], right[i])) holds[i >> 6] |= 1UL << i;
    }

    public static bool Holds(BinaryOperator op, double a, double b) => op switch
    {
        BinaryOperator.Equal => a == b,
        BinaryOperator.NotEqual => a != b,
        BinaryOperator.Less => a < b,
        BinaryOperator.LessOrEqual => a <= b,
        BinaryOperator.Greater => a > b,
        _ => a >= b,
    };

    /// <summary>One pair of which at least one is a histogram, or a trim of floats. False: there is no answer.</summary>
    /// <param name="keep">The comparison holds, or the operator is none.</param>
    public static bool Mixed(
        BinaryOperator op, double left, FloatHistogram? leftHistogram, double right, FloatHistogram? rightHistogram,
        out double value, out FloatHistogram? histogram, out bool keep, out PairProblem problem)
    {
        value = 0;
        histogram = null;
        keep = true;
        problem = PairProblem.None;
        switch (leftHistogram, rightHistogram)
        {
            case (null, null):
                problem = PairProblem.FloatFloat;
                return false;
            case (null, not null):
                if (op == BinaryOperator.Multiply) histogram = rightHistogram.Copy().Multiply(left).Compact();
                else problem = PairProblem.FloatHistogram;
                return histogram is not null;
            case (not null, null):
                histogram = op switch
                {
                    BinaryOperator.Multiply => leftHistogram.Copy().Multiply(right).Compact(),
                    BinaryOperator.Divide => leftHistogram.Copy().Divide(right).Compact(),
                    BinaryOperator.TrimUpper => leftHistogram.Copy().Trim(right, keepBelow: true),
                    BinaryOperator.TrimLower => leftHistogram.Copy().Trim(right, keepBelow: false),
                    _ => null,
                };
                if (histogram is null) problem = PairProblem.HistogramFloat;
                return histogram is not null;
            default:
                return Histograms(op, leftHistogram!, rightHistogram!, out histogram, out keep, out problem);
        }
    }

    private static bool Histograms(
        BinaryOperator op, FloatHistogram left, FloatHistogram right, out FloatHistogram? histogram, out bool keep, out PairProblem problem)
    {
        histogram = left;
        keep = true;
        problem = PairProblem.None;
        switch (op)
        {
            case BinaryOperator.Equal:
                keep = left.BitEquals(right);
                return true;
            case BinaryOperator.NotEqual:
                keep = !left.BitEquals(right);
                return true;
            case BinaryOperator.Add or BinaryOperator.Subtract:
                bool add = op == BinaryOperator.Add;
                FloatHistogram result = left.Copy();
                HistogramOutcome outcome = add ? result.Add(right) : result.Subtract(right);
                if (outcome.HasFlag(HistogramOutcome.Incompatible))
                {
                    problem = PairProblem.IncompatibleLayout;
                    return false;
                }

                if (outcome.HasFlag(HistogramOutcome.HintsCollided))
                {
                    problem = add ? PairProblem.AdditionCollision : PairProblem.SubtractionCollision;
                    return false;
                }

                if (outcome.HasFlag(HistogramOutcome.BoundsReconciled))
                    problem = add ? PairProblem.AdditionReconciled : PairProblem.SubtractionReconciled;
                if (!add) result.CounterResetHint = CounterResetHint.Gauge;
                histogram = result.Compact();
                return true;
            default:
                problem = PairProblem.HistogramHistogram;
                return false;
        }
    }

    private static void Run<TKernel>(ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> target)
        where TKernel : struct, IArithmetic
    {
        var i = 0;
        for (; i <= target.Length - Vector<double>.Count; i += Vector<double>.Count)
            TKernel.Apply(new Vector<double>(left[i..]), new Vector<double>(right[i..])).CopyTo(target[i..]);
        for (; i < target.Length; i++) target[i] = TKernel.Apply(left[i], right[i]);
    }

    private interface IArithmetic
    {
        static abstract double Apply(double a, double b);

        static abstract Vector<double> Apply(Vector<double> a, Vector<double> b);
    }

    private readonly struct AddKernel : IArithmetic
    {
        public static double Apply(double a, double b) => a + b;

        public static Vector<double> Apply(Vector<double> a, Vector<double> b) => a + b;
    }

    private readonly struct SubtractKernel : IArithmetic
    {
        public static double Apply(double a, double b) => a - b;

        public static Vector<double> Apply(Vector<double> a, Vector<double> b) => a - b;
    }

    private readonly struct MultiplyKernel : IArithmetic
    {
        public static double Apply(double a, double b) => a * b;

        public static Vector<double> Apply(Vector<double> a, Vector<double> b) => a * b;
    }

    private readonly struct DivideKernel : IArithmetic
    {
        public static double Apply(double a, double b) => a / b;

        public static Vector<double> Apply(Vector<double> a, Vector<double> b) => a / b;
    }
}
