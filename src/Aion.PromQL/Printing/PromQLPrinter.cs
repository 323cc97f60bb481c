using System.Text;

namespace Aion.PromQL;

/// <summary>Trees as text: one line, or split over lines as <c>/api/v1/format_query</c> answers.</summary>
public static class PromQLPrinter
{
    private const int MaxBytesPerLine = 100;

    /// <summary>The one-line form; what <see cref="Expr.ToString"/> gives.</summary>
    public static string Format(Expr expr) => new ExprText(expr).Text;

    /// <summary>Nodes longer than 100 bytes are split, two blanks a level; selectors never are.</summary>
    public static string Pretty(Expr expr)
    {
        var target = new StringBuilder();
        new PrettyWriter(new ExprText(expr), target).Write(expr, 0);
        return target.ToString();
    }

    private sealed class PrettyWriter(ExprText line, StringBuilder target)
    {
        public void Write(Expr expr, int level)
        {
            if (expr is UnaryExpr unary) WriteUnary(unary, level);
            else if (expr is SubqueryExpr subquery) WriteSubquery(subquery, level);
            else if (expr is not (AggregateExpr or BinaryExpr or Call or ParenExpr) || !NeedsSplit(expr)) Indent(level).Append(line.Of(expr));
            else WriteSplit(expr, level);
        }

        private void WriteSplit(Expr expr, int level)
        {
            switch (expr)
            {
                case BinaryExpr e:
                    Write(e.Left, level + 1);
                    target.Append('\n');
                    Indent(level).Append(ExprText.OperatorWithModifiers(e)).Append('\n');
                    Write(e.Right, level + 1);
                    break;
                case AggregateExpr e:
                    WriteList(ExprText.AggregationHead(e), e.Parameter is null ? [e.Expression] : [e.Parameter, e.Expression], level);
                    break;
                case Call e:
                    WriteList(e.Function.Name, e.Arguments, level);
                    break;
                case ParenExpr e:
                    WriteList("", [e.Inner], level);
                    break;
            }
        }

        private void WriteList(string head, IReadOnlyList<Expr> parts, int level)
        {
            Indent(level).Append(head).Append("(\n");
            for (var i = 0; i < parts.Count; i++)
            {
                if (i > 0) target.Append(",\n");
                Write(parts[i], level + 1);
            }

            target.Append('\n');
            Indent(level).Append(')');
        }

        private void WriteUnary(UnaryExpr e, int level)
        {
            Indent(level).Append(e.Negative ? '-' : '+');
            int start = target.Length;
            Write(e.Operand, level);
            int blanks = 0;
            while (target[start + blanks] == ' ') blanks++;
            target.Remove(start, blanks);
        }

        /// <summary>A short subquery is not indented, as upstream leaves it.</summary>
        private void WriteSubquery(SubqueryExpr e, int level)
        {
            if (!NeedsSplit(e))
            {
                target.Append(line.Of(e));
                return;
            }

            Write(e.Expression, level);
            target.Append(ExprText.SubquerySuffix(e));
        }

        private bool NeedsSplit(Expr expr) => Encoding.UTF8.GetByteCount(line.Of(expr)) > MaxBytesPerLine;

        private StringBuilder Indent(int level) => target.Append(' ', level * 2);
    }
}
