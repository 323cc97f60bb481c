using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// Checks types and arguments of a tree without syntax errors, and completes it: matching only between two vectors, many-to-many for set operators,
/// the matcher list of <c>info</c> marked. The errors come in the order of the walk: children before their parent.
/// </summary>
internal sealed class TypeChecker(ReadOnlyMemory<byte> text, Action<PositionRange, string> report)
{
    public Expr Check(Expr expr) => expr switch
    {
        AggregateExpr e => CheckAggregate(e),
        BinaryExpr e => CheckBinary(e),
        Call e => CheckCall(e),
        ParenExpr e => Check(e.Inner) is var inner && ReferenceEquals(inner, e.Inner) ? e : e with { Inner = inner },
        UnaryExpr e => CheckUnary(e),
        SubqueryExpr e => CheckSubquery(e),
        MatrixSelector e => CheckMatrix(e),
        VectorSelector e => CheckSelector(e),
        _ => expr,
    };

    private Expr Expect(Expr expr, ValueType expected, string context)
    {
        Expr result = Check(expr);
        if (result.Type != expected)
            report(result.Position, $"expected type {expected.DocumentedName()} in {context}, got {result.Type.DocumentedName()}");
        return result;
    }

    private AggregateExpr CheckAggregate(AggregateExpr e)
    {
        Expr expression = Expect(e.Expression, ValueType.Vector, "aggregation expression");
        Expr? parameter = e.Parameter is null
            ? null
            : Expect(e.Parameter, e.Operator == AggregateOperator.CountValues ? ValueType.String : ValueType.Scalar, "aggregation parameter");
        return e with { Expression = expression, Parameter = parameter };
    }

    private UnaryExpr CheckUnary(UnaryExpr e)
    {
        Expr operand = Check(e.Operand);
        if (operand.Type is not (ValueType.Scalar or ValueType.Vector))
        {
            report(
                e.Position,
                $"unary expression only allowed on expressions of type scalar or instant vector, got {GoStrings.Quote(operand.Type.DocumentedName())}");
        }

        return e with { Operand = operand };
    }

    private SubqueryExpr CheckSubquery(SubqueryExpr e)
    {
        Expr expression = Check(e.Expression);
        if (expression.Type != ValueType.Vector)
            report(e.Position, $"subquery is only allowed on instant vector, got {expression.Type.Name()} instead");
        return e with { Expression = expression };
    }

    private MatrixSelector CheckMatrix(MatrixSelector e)
    {
        CheckSelector(e.Selector);
        return e;
    }

    private VectorSelector CheckSelector(VectorSelector e)
    {
        if (e.Name.Length > 0)
        {
            foreach (LabelMatcher matcher in e.Matchers.SkipLast(1))
                if (matcher.Name == LabelNames.MetricName)
                    report(e.Position, $"metric name must not be set twice: {GoStrings.Quote(e.Name)} or {GoStrings.Quote(matcher.Value)}");
        }
        else if (!e.IsMatcherList && e.Matchers.All(m => m.MatchesEmpty))
        {
            report(e.Position, "vector selector must contain at least one non-empty matcher");
        }

        return e;
    }

    private BinaryExpr CheckBinary(BinaryExpr e)
    {
        Expr left = Check(e.Left), right = Check(e.Right);
        string op = e.Operator.Text();
        VectorMatching matching = e.Matching!;
        bool bothScalar = left.Type == ValueType.Scalar && right.Type == ValueType.Scalar;
        if (e.ReturnBool && !e.Operator.IsComparison()) report(OperatorRange(left, right), "bool modifier can only be used on comparison operators");
        if (e.Operator.IsComparison() && !e.ReturnBool && bothScalar)
            report(OperatorRange(left, right), "comparisons between scalars must use BOOL modifier");
        if (e.Operator.IsSet() && matching.Cardinality == VectorMatchCardinality.OneToOne)
            matching = matching with { Cardinality = VectorMatchCardinality.ManyToMany };
        if (matching.On)
        {
            foreach (string label in matching.Labels)
                foreach (string included in matching.Include)
                    if (label == included)
                        report(OperatorRange(left, right), $"label {GoStrings.Quote(label)} must not occur in ON and GROUP clause at once");
        }

        ExpectOperand(left);
        ExpectOperand(right);
        bool bothVectors = left.Type == ValueType.Vector && right.Type == ValueType.Vector;
        CheckMatching(e, matching, bothVectors);
        if ((left.Type == ValueType.Scalar || right.Type == ValueType.Scalar) && e.Operator.IsSet())
            report(e.Position, $"set operator \"{op}\" not allowed in binary scalar expression");
        return e with { Left = left, Right = right, Matching = bothVectors ? matching : null };
    }

    private void ExpectOperand(Expr operand)
    {
        if (operand.Type is not (ValueType.Scalar or ValueType.Vector))
            report(operand.Position, "binary expression must contain only scalar and instant vector types");
    }

    private void CheckMatching(BinaryExpr e, VectorMatching matching, bool bothVectors)
    {
        bool fills = matching.FillLeft is not null || matching.FillRight is not null;
        if (!bothVectors)
        {
            if (matching.Labels.Count > 0) report(e.Position, "vector matching only allowed between instant vectors");
            if (fills) report(e.Position, "filling in missing series only allowed between instant vectors");
        }
        else if (e.Operator.IsSet())
        {
            if (matching.Cardinality is VectorMatchCardinality.OneToMany or VectorMatchCardinality.ManyToOne)
                report(e.Position, $"no grouping allowed for \"{e.Operator.Text()}\" operation");
            if (matching.Cardinality != VectorMatchCardinality.ManyToMany) report(e.Position, "set operations must always be many-to-many");
            if (fills) report(e.Position, "filling in missing series not allowed for set operators");
        }
    }

    /// <summary>The text between the operands without the space around it; the last byte is left out, as in Prometheus.</summary>
    private PositionRange OperatorRange(Expr left, Expr right)
    {
        ReadOnlySpan<byte> bytes = text.Span;
        int start = left.Position.End, end = right.Position.Start - 1;
        while (start < bytes.Length && bytes[start] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') start++;
        while (end > start && bytes[end] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') end--;
        return new PositionRange(start, end);
    }

    private Call CheckCall(Call e)
    {
        FunctionSignature function = e.Function;
        int count = e.Arguments.Count;
        if (function.Variadic == 0 && count != function.ArgumentTypes.Count)
            report(e.Position, $"expected {function.ArgumentTypes.Count} argument(s) in call to \"{function.Name}\", got {count}");
        else if (count < function.MinArguments)
            report(e.Position, $"expected at least {function.MinArguments} argument(s) in call to \"{function.Name}\", got {count}");
        else if (count > function.MaxArguments)
            report(e.Position, $"expected at most {function.MaxArguments} argument(s) in call to \"{function.Name}\", got {count}");

        var arguments = e.Arguments.ToArray();
        if (function.Name == "info" && count > 1) arguments[1] = CheckMatcherList(e, arguments[1]);
        for (var i = 0; i < arguments.Length; i++)
        {
            if (i >= function.ArgumentTypes.Count && function.Variadic == 0) break;
            arguments[i] = Expect(arguments[i], function.TypeOfArgument(i), $"call to function \"{function.Name}\"");
        }

        return e with { Arguments = arguments };
    }

    private Expr CheckMatcherList(Call e, Expr argument)
    {
        if (argument.Type != ValueType.Vector)
            report(e.Position, $"expected type instant vector in call to function \"info\", got {argument.Type.DocumentedName()}");
        switch (argument)
        {
            case VectorSelector { Name.Length: > 0 }:
                report(argument.Position, "expected label selectors only, got vector selector instead");
                return argument;
            case VectorSelector selector: return selector with { IsMatcherList = true };
            default:
                report(argument.Position, "expected label selectors only");
                return argument;
        }
    }
}
