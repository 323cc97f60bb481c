namespace Aion.PromQL;

/// <summary>Ranges, steps and offsets: literals and the arithmetic between them. Yields a <see cref="NumberLiteral"/> (seconds) or a <see cref="DurationExpr"/>.</summary>
internal sealed class DurationParser(TokenStream tokens, ParserOptions options)
{
    private const int AnyPrecedence = 0;
    private const int PowerPrecedence = 3;
    private const string OutOfRange = "duration out of range";

    /// <summary>A literal of a token that is the next one.</summary>
    public NumberLiteral ReadLiteral()
    {
        Token token = tokens.Take();
        bool isDuration = token.Kind == TokenKind.Duration;
        double value = isDuration
            ? NumberReader.ReadDuration(tokens.TextOf(token), out string? error)
            : NumberReader.ReadNumber(tokens.TextOf(token), out error);
        if (error is not null) tokens.Report(token.Position, error);
        return new NumberLiteral(value) { IsDuration = isDuration, Position = token.Position };
    }

    /// <summary>A range or a step: any arithmetic; a plain literal is at least a millisecond.</summary>
    public Expr ReadPositive()
    {
        Expr duration = ReadExpression(AnyPrecedence);
        if (duration is not NumberLiteral literal || (literal.Value > 0 && NumberReader.ToMilliseconds(literal.Value) > 0)) return duration;
        tokens.Report(literal.Position, "duration must be greater than 0");
        return Nothing();
    }

    /// <summary>An offset: one literal or call with at most one sign, or something that starts with a parenthesis or two signs.</summary>
    public Expr ReadOffset()
    {
        if (!tokens.Next.IsSign()) return tokens.Next == TokenKind.LeftParen ? ReadOperators(ReadPrimary(), AnyPrecedence) : ReadPrimary();
        Token sign = tokens.Take();
        while (true)
        {
            switch (tokens.Next)
            {
                case TokenKind.Number or TokenKind.Duration: return ReadSignedLiteral(sign);
                case TokenKind.Step or TokenKind.Range or TokenKind.MaxOf or TokenKind.MinOf or TokenKind.LeftParen:
                    Expr operand = ReadPrimary();
                    // A plus in front of a call is kept, so that the tree tells it from a bare call.
                    bool wrapped = operand is DurationExpr { Wrapped: true };
                    return sign.Kind == TokenKind.Add && wrapped ? operand : Signed(sign, operand);
                case TokenKind.Add or TokenKind.Subtract:
                    return ReadOperators(ApplySign(sign, ReadExpression(PowerPrecedence)), AnyPrecedence);
                default:
                    tokens.Reject();
                    break;
            }
        }
    }

    private static NumberLiteral Nothing() => new(0);

    private static DurationExpr Signed(Token sign, Expr operand) =>
        new(sign.Kind == TokenKind.Subtract ? DurationOperator.Subtract : DurationOperator.Add)
        {
            Right = operand,
            Position = new PositionRange(sign.Start, operand.Position.End),
        };

    private static int PrecedenceOf(TokenKind kind) => kind switch
    {
        TokenKind.Add or TokenKind.Subtract => 1,
        TokenKind.Multiply or TokenKind.Divide or TokenKind.Modulo => 2,
        TokenKind.Power => PowerPrecedence,
        _ => -1,
    };

    private Expr ReadExpression(int minPrecedence)
    {
        tokens.Enter();
        Expr result = ReadOperators(ReadOperand(), minPrecedence);
        tokens.Depth--;
        return result;
    }

    private Expr ReadOperators(Expr left, int minPrecedence)
    {
        var height = 0;
        while (PrecedenceOf(tokens.Next) is var precedence && precedence >= Math.Max(minPrecedence, 1))
        {
            Token op = tokens.Take();
            tokens.CheckHeight(++height);
            Expr right = ReadExpression(op.Kind == TokenKind.Power ? precedence : precedence + 1);
            CheckEnabled(left.Position);
            left = Combine(op, left, right);
        }

        return left;
    }

    private Expr Combine(Token op, Expr left, Expr right)
    {
        if (op.Kind is TokenKind.Divide or TokenKind.Modulo && right is NumberLiteral { Value: 0 })
        {
            tokens.Report(op.Position, op.Kind == TokenKind.Divide ? "division by zero" : "modulo by zero");
            return Nothing();
        }

        DurationOperator kind = op.Kind switch
        {
            TokenKind.Add => DurationOperator.Add,
            TokenKind.Subtract => DurationOperator.Subtract,
            TokenKind.Multiply => DurationOperator.Multiply,
            TokenKind.Divide => DurationOperator.Divide,
            TokenKind.Modulo => DurationOperator.Modulo,
            _ => DurationOperator.Power,
        };
        return new DurationExpr(kind) { Left = left, Right = right, Position = new PositionRange(left.Position.Start, right.Position.End) };
    }

    private Expr ReadOperand()
    {
        if (!tokens.Next.IsSign()) return ReadPrimary();
        Token sign = tokens.Take();
        return ApplySign(sign, ReadExpression(PowerPrecedence));
    }

    private Expr ReadPrimary()
    {
        while (true)
        {
            switch (tokens.Next)
            {
                case TokenKind.Number or TokenKind.Duration: return InRange(ReadLiteral());
                case TokenKind.Step or TokenKind.Range: return ReadConstant();
                case TokenKind.MaxOf or TokenKind.MinOf: return ReadExtreme();
                case TokenKind.LeftParen: return ReadParenthesised();
                default:
                    tokens.Reject();
                    break;
            }
        }
    }

    private DurationExpr ReadConstant()
    {
        Token name = tokens.Take();
        tokens.Take(TokenKind.LeftParen);
        int end = tokens.Take(TokenKind.RightParen).End;
        var position = new PositionRange(name.Start, end);
        CheckEnabled(position);
        return new DurationExpr(name.Kind == TokenKind.Step ? DurationOperator.Step : DurationOperator.Range) { Position = position };
    }

    private DurationExpr ReadExtreme()
    {
        Token name = tokens.Take();
        tokens.Take(TokenKind.LeftParen);
        Expr left = ReadUntil(TokenKind.Comma);
        Expr right = ReadUntil(TokenKind.RightParen);
        var position = new PositionRange(left.Position.Start, right.Position.End);
        CheckEnabled(position);
        return new DurationExpr(name.Kind == TokenKind.MinOf ? DurationOperator.MinOf : DurationOperator.MaxOf)
        {
            Left = left,
            Right = right,
            Position = position,
        };
    }

    private DurationExpr ReadParenthesised()
    {
        int start = tokens.Take().Start;
        Expr inner = ReadUntil(TokenKind.RightParen);
        CheckEnabled(inner.Position);
        if (inner is DurationExpr duration) return duration with { Wrapped = true };
        return new DurationExpr(DurationOperator.Add) { Right = inner, Wrapped = true, Position = new PositionRange(start, inner.Position.End) };
    }

    private Expr ReadUntil(TokenKind closing)
    {
        Expr inner = ReadExpression(AnyPrecedence);
        while (tokens.Next != closing)
        {
            tokens.Reject();
            inner = ReadOperators(inner, AnyPrecedence);
        }

        tokens.Take();
        return inner;
    }

    private NumberLiteral ReadSignedLiteral(Token sign)
    {
        NumberLiteral literal = ReadLiteral();
        return WithSign(sign, literal);
    }

    private Expr ApplySign(Token sign, Expr operand)
    {
        if (operand is NumberLiteral literal) return WithSign(sign, literal);
        return sign.Kind == TokenKind.Subtract ? Signed(sign, operand) : operand;
    }

    private NumberLiteral WithSign(Token sign, NumberLiteral literal)
    {
        double value = sign.Kind == TokenKind.Subtract ? -literal.Value : literal.Value;
        if (!NumberReader.IsOutOfRange(value))
            return literal with { Value = value, Position = new PositionRange(sign.Start, literal.Position.End) };
        tokens.Report(sign.Position, OutOfRange);
        return Nothing();
    }

    private NumberLiteral InRange(NumberLiteral literal)
    {
        if (!NumberReader.IsOutOfRange(literal.Value)) return literal;
        tokens.Report(literal.Position, OutOfRange);
        return Nothing();
    }

    private void CheckEnabled(PositionRange position)
    {
        if (!options.DurationExpressions) tokens.Report(position, "experimental duration expression is not enabled");
    }
}
