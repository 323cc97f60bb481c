namespace Aion.PromQL;

/// <summary>
/// Shows a plan as a tree of operators, named as Thanos's engine names its own, for that is what its page and its users know. Where that
/// engine checks for equal label sets or hands rows to another thread it has an operator for it; here both happen inside the operator
/// below, whose measures such a level repeats.
/// </summary>
/// <param name="expression">What was planned; gives the texts of arguments.</param>
/// <param name="profile">Measures of an analyzed query; null to explain.</param>
/// <param name="isSingleStep">The query has one step, so that nothing of it is repeated, other than within subqueries.</param>
internal sealed class PlanExplanation(Expr expression, PlanProfile? profile, bool isSingleStep)
{
    private readonly Dictionary<PositionRange, Expr> _expressions = ByPosition(expression);
    private int _subqueries;

    public QueryOperator Show(PlanNode node)
    {
        switch (node)
        {
            case SelectNode select:
                return Fetched(node, Operator(node, VectorText(select), []));
            case RangeSelectNode range:
                return Fetched(node, Operator(node, $"[matrixSelector] {MatrixText(range)}", []));
            case SubqueryNode subquery:
                return Subquery(node, "[subquery]", [], subquery);
            case NumberNode number:
                return Operator(node, $"[numberLiteral] {GoNumber.G(number.Value)}", []);
            case StringNode text:
                return Operator(node, $"[stringLiteral] {GoStrings.Quote(text.Value)}", []);
            case StepInvariantNode { Inner: var inner } when inner is NumberNode || (isSingleStep && _subqueries == 0):
                return Show(inner);
            case StepInvariantNode invariant:
                return Operator(node, "[stepInvariant]", [invariant.Inner]);
            case NegateNode negate:
                return Checked(Operator(node, "[unaryNegation]", [negate.Inner]));
            case BinaryNode binary:
                return Checked(Operator(node, BinaryText(binary), [binary.Left, binary.Right]));
            case AggregateNode aggregate:
                return Checked(Aggregate(aggregate));
            case CallNode call:
                return Checked(Call(call));
            default:
                return Operator(node, $"[{node.GetType().Name}]", node.Children);
        }
    }

    private static QueryOperator Checked(QueryOperator inner) => inner with { Name = "[duplicateLabelCheck]", Children = [inner] };

    private static QueryOperator Handed(QueryOperator inner) => inner with { Name = "[concurrent(buff=2)]", Children = [inner] };

    private QueryOperator Fetched(PlanNode node, QueryOperator inner) => Handed(inner) with { FanOut = profile?.Find(node)?.FanOut?.ToList() ?? [] };

    private QueryOperator Operator(PlanNode node, string name, IReadOnlyList<PlanNode> inputs)
    {
        return Measured(node, name, [.. inputs.Where(i => i.Type != ValueType.String).Select(Show)]);
    }

    private QueryOperator Subquery(PlanNode node, string name, IReadOnlyList<PlanNode> scalars, SubqueryNode subquery)
    {
        QueryOperator[] before = [.. scalars.Select(Show)];
        _subqueries++;
        QueryOperator inner = Show(subquery.Inner);
        _subqueries--;
        return Measured(node, name, [.. before, inner]);
    }

    private QueryOperator Measured(PlanNode node, string name, QueryOperator[] children)
    {
        NodeMeasure? measure = profile?.Find(node);
        return new QueryOperator(name, children)
        {
            ExecutionTime = measure?.Elapsed ?? TimeSpan.Zero,
            PeakSamples = measure?.PeakSamples ?? 0,
            Series = measure?.Series ?? 0,
            Bytes = measure?.Bytes ?? 0,
            PeakBytes = measure?.PeakBytes ?? 0,
            TotalSamples = (measure?.Samples ?? 0) + children.Sum(c => c.TotalSamples),
        };
    }

    private QueryOperator Aggregate(AggregateNode node)
    {
        string groups = $"{(node.Without ? "without" : "by")} ([{string.Join(' ', Sorted(node.Grouping))}])";
        return node.Operator switch
        {
            AggregateOperator.CountValues => Operator(node, $"[countValues] {groups} - param ({((StringNode)node.Parameter!).Value})", [node.Inner]),
            AggregateOperator.TopK or AggregateOperator.BottomK or AggregateOperator.LimitK or AggregateOperator.LimitRatio =>
                Handed(Operator(node, $"[kaggregate] {node.Operator.Text()} {groups}", [node.Parameter!, node.Inner])),
            _ => Handed(Operator(node, $"[aggregate] {node.Operator.Text()} {groups}", node.Parameter is null ? [node.Inner] : [node.Parameter, node.Inner])),
        };
    }

    private QueryOperator Call(CallNode call)
    {
        PlanNode? matrix = call.Arguments.FirstOrDefault(a => a.Type == ValueType.Matrix);
        if (matrix is RangeSelectNode range) return Fetched(call, Operator(call, $"[matrixSelector] {call.Name}({MatrixText(range)})", []));
        if (matrix is SubqueryNode subquery)
            return Subquery(call, $"[subquery] {call.Name}()", [.. call.Arguments.Where(a => !ReferenceEquals(a, matrix))], subquery);
        return call.Name switch
        {
            "timestamp" or "start_timestamp" when call.Arguments[0] is SelectNode select => Fetched(call, Operator(call, VectorText(select), [])),
            "time" or "pi" => Operator(call, "[noArgFunction]", []),
            "scalar" or "absent" or "timestamp" => Operator(call, $"[{call.Name}]", call.Arguments),
            "label_replace" or "label_join" => Operator(call, "[relabel]", call.Arguments),
            "histogram_quantile" or "histogram_fraction" => Operator(call, $"[{call.Name}]({Arguments(call)})", call.Arguments),
            _ => Operator(call, $"[function] {call.Name}({Arguments(call)})", call.Arguments),
        };
    }

    private static string BinaryText(BinaryNode node)
    {
        if (node.Left.Type == ValueType.Scalar || node.Right.Type == ValueType.Scalar) return $"[vectorScalarBinary] {node.Operator.Text()}";
        VectorMatching matching = node.Matching ?? new VectorMatching();
        string cardinality = matching.Cardinality switch
        {
            VectorMatchCardinality.OneToOne => "one-to-one",
            VectorMatchCardinality.ManyToOne => "many-to-one",
            VectorMatchCardinality.OneToMany => "one-to-many",
            _ => "many-to-many",
        };
        return $"[vectorBinary] {node.Operator.Text()} - {cardinality}, {(matching.On ? "on" : "ignoring")}: [{string.Join(' ', matching.Labels)}], group: [{string.Join(' ', matching.Include)}]";
    }

    private static string VectorText(SelectNode select) => $"[vectorSelector] {MatcherText(select)} 0 mod 1";

    private static string MatrixText(RangeSelectNode range) =>
        $"{MatcherText(range.Selector)}[{Model.GoDuration.Format(TimeSpan.FromMilliseconds(range.RangeMs))}] 0 mod 1";

    private static string MatcherText(SelectNode select) => $"{{[{string.Join(' ', select.Matchers)}]}}";

    private string Arguments(CallNode call) => $"[{string.Join(' ', call.Arguments.Select(ArgumentText))}]";

    private string ArgumentText(PlanNode argument) =>
        _expressions.TryGetValue(argument.Position, out Expr? found) ? PromQLPrinter.Format(WithSortedGroups(found)) : argument.GetType().Name;

    private static Expr WithSortedGroups(Expr expr) => expr switch
    {
        AggregateExpr a => a with { Expression = WithSortedGroups(a.Expression), Grouping = [.. Sorted(a.Grouping)] },
        Call c => c with { Arguments = [.. c.Arguments.Select(WithSortedGroups)] },
        BinaryExpr b => b with { Left = WithSortedGroups(b.Left), Right = WithSortedGroups(b.Right) },
        ParenExpr p => p with { Inner = WithSortedGroups(p.Inner) },
        UnaryExpr u => u with { Operand = WithSortedGroups(u.Operand) },
        SubqueryExpr s => s with { Expression = WithSortedGroups(s.Expression) },
        _ => expr,
    };

    private static IEnumerable<string> Sorted(IReadOnlyList<string> labels) => labels.Order(StringComparer.Ordinal).Distinct();

    private static Dictionary<PositionRange, Expr> ByPosition(Expr expression)
    {
        var found = new Dictionary<PositionRange, Expr>();
        Visit(expression);
        return found;

        void Visit(Expr expr)
        {
            // The outermost of equal positions stays: a range selector, not the selector within.
            found.TryAdd(expr.Position, expr);
            foreach (Expr child in expr.Children) Visit(child);
        }
    }
}
