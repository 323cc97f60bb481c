using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// Reads an expression by precedence climbing. Yields a tree that is not typed yet: every binary expression still has its matching, as written
/// (<see cref="TypeChecker"/>).
/// </summary>
internal sealed class ExpressionParser
{
    private const int UnaryOperandPrecedence = 6;

    private readonly TokenStream _tokens;
    private readonly ParserOptions _options;
    private readonly LabelListParser _labels;
    private readonly DurationParser _durations;
    private readonly ModifierParser _modifiers;
    private readonly BinaryModifierParser _binaryModifiers;

    /// <summary>Height of the tree read last.</summary>
    private int _height;

    public ExpressionParser(TokenStream tokens, ParserOptions options)
    {
        _tokens = tokens;
        _options = options;
        _labels = new LabelListParser(tokens);
        _durations = new DurationParser(tokens, options);
        _modifiers = new ModifierParser(tokens, options, _durations);
        _binaryModifiers = new BinaryModifierParser(tokens, _labels, _durations);
    }

    /// <summary>The whole text. Null if there is none; errors are in the token stream.</summary>
    public Expr? ReadAll()
    {
        Expr? result = null;
        try
        {
            try
            {
                if (_tokens.Next == TokenKind.EndOfInput) _tokens.Report(default, "no expression found in input");
                else result = ReadExpression(0);
            }
            catch (SyntaxErrorSignal)
            {
                _tokens.ReportUnexpected();
            }

            ReadEnd();
        }
        catch (EndOfParseSignal)
        {
            // All that can be found is in the list of errors.
        }

        return result;
    }

    /// <summary>A lone selector, as in <c>match[]</c>.</summary>
    public VectorSelector? ReadSelectorOnly()
    {
        VectorSelector? result = null;
        try
        {
            try
            {
                while (_tokens.Next is var next && next != TokenKind.LeftBrace && !next.IsMetricName()) _tokens.Reject();
                result = _tokens.Next == TokenKind.LeftBrace ? ReadSelector(null) : ReadSelector(_tokens.Take());
            }
            catch (SyntaxErrorSignal)
            {
                _tokens.ReportUnexpected();
            }

            ReadEnd();
        }
        catch (EndOfParseSignal)
        {
            // All that can be found is in the list of errors.
        }

        return result;
    }

    private void ReadEnd()
    {
        try
        {
            while (_tokens.Next is not (TokenKind.EndOfInput or TokenKind.None)) _tokens.Reject();
        }
        catch (SyntaxErrorSignal)
        {
            _tokens.ReportUnexpected();
            while (_tokens.Next is not (TokenKind.EndOfInput or TokenKind.None)) _tokens.Reject();
        }
    }

    private static int PrecedenceOf(TokenKind kind) => kind switch
    {
        TokenKind.Or => 1,
        TokenKind.And or TokenKind.Unless => 2,
        >= TokenKind.Equal and <= TokenKind.TrimLower => 3,
        TokenKind.Add or TokenKind.Subtract => 4,
        TokenKind.Multiply or TokenKind.Divide or TokenKind.Modulo or TokenKind.Atan2 => 5,
        TokenKind.Power => UnaryOperandPrecedence,
        _ => -1,
    };

    private Expr ReadExpression(int minPrecedence)
    {
        _tokens.Enter();
        Expr result = ReadOperators(ReadOperand(), minPrecedence);
        _tokens.Depth--;
        return result;
    }

    /// <summary>Goes on behind a complete left operand as long as operators bind at least so tight.</summary>
    private Expr ReadOperators(Expr left, int minPrecedence)
    {
        left = ReadPostfix(left);
        while (PrecedenceOf(_tokens.Next) is var precedence && precedence >= Math.Max(minPrecedence, 1))
        {
            int height = _height;
            Token op = _tokens.Take();
            BinaryModifiers modifiers = _binaryModifiers.Read();
            Expr right = ReadExpression(op.Kind == TokenKind.Power ? precedence : precedence + 1);
            Grow(height);
            left = new BinaryExpr((BinaryOperator)(op.Kind - TokenKind.Or), left, right)
            {
                Matching = modifiers.Matching,
                ReturnBool = modifiers.ReturnBool,
                Position = new PositionRange(left.Position.Start, right.Position.End),
            };
            if (!_options.BinaryFillModifiers && modifiers.Matching is { FillLeft: not null } or { FillRight: not null })
                _tokens.Report(left.Position, "binop fill modifiers are experimental and not enabled");
        }

        return left;
    }

    /// <summary>Makes the tree read last one level higher, next to another of the given height.</summary>
    private void Grow(int otherHeight)
    {
        _height = Math.Max(_height, otherHeight) + 1;
        _tokens.CheckHeight(_height);
    }

    private Expr ReadPostfix(Expr operand)
    {
        while (true)
        {
            switch (_tokens.Next)
            {
                case TokenKind.Offset:
                    operand = _modifiers.ReadOffset(operand);
                    break;
                case TokenKind.At:
                    operand = _modifiers.ReadAt(operand);
                    break;
                case TokenKind.LeftBracket:
                    Grow(0);
                    operand = _modifiers.ReadRange(operand);
                    break;
                case TokenKind.Anchored:
                    _tokens.Take();
                    operand = _modifiers.Anchor(operand);
                    break;
                case TokenKind.Smoothed:
                    _tokens.Take();
                    operand = _modifiers.Smooth(operand);
                    break;
                default: return operand;
            }
        }
    }

    /// <summary>One operand without what follows it, except that a sign takes the powers behind its operand.</summary>
    private Expr ReadOperand()
    {
        while (!_tokens.Next.StartsExpression()) _tokens.Reject();
        _height = 1;
        switch (_tokens.Next)
        {
            case TokenKind.Add or TokenKind.Subtract: return ReadSigned();
            case TokenKind.Number or TokenKind.Duration: return _durations.ReadLiteral();
            case TokenKind.String:
                Token text = _tokens.Take();
                return new StringLiteral(GoStrings.Unquote(_tokens.TextOf(text))) { Position = text.Position };
            case TokenKind.LeftParen: return ReadParenthesised();
            case TokenKind.LeftBrace: return ReadSelector(null);
        }

        Token name = _tokens.Take();
        if (name.Kind.IsAggregation() && _tokens.Next is TokenKind.LeftParen or TokenKind.By or TokenKind.Without) return ReadAggregation(name);
        if ((name.Kind == TokenKind.Identifier || name.Kind.IsFunctionKeyword()) && _tokens.Next == TokenKind.LeftParen) return ReadCall(name);
        return ReadSelector(name);
    }

    private Expr ReadSigned()
    {
        Token sign = _tokens.Take();
        bool negative = sign.Kind == TokenKind.Subtract;
        Expr operand = ReadExpression(UnaryOperandPrecedence);
        var position = new PositionRange(sign.Start, operand.Position.End);
        Expr result = operand is NumberLiteral literal
            ? literal with { Value = negative ? -literal.Value : literal.Value, Position = position }
            : new UnaryExpr(negative, operand) { Position = position };
        if (result is UnaryExpr) Grow(0);
        return result;
    }

    private ParenExpr ReadParenthesised()
    {
        int start = _tokens.Take().Start;
        Expr inner = ReadExpression(0);
        while (_tokens.Next != TokenKind.RightParen)
        {
            _tokens.Reject();
            inner = ReadOperators(inner, 0);
        }

        Grow(0);
        return new ParenExpr(inner) { Position = new PositionRange(start, _tokens.Take().End) };
    }

    private VectorSelector ReadSelector(Token? name)
    {
        IReadOnlyList<LabelMatcher> matchers = [];
        PositionRange position = name?.Position ?? default;
        if (_tokens.Next == TokenKind.LeftBrace)
        {
            matchers = _labels.ReadMatchers(out PositionRange braces);
            position = new PositionRange(name?.Start ?? braces.Start, braces.End);
        }

        if (name is null) return new VectorSelector { Matchers = matchers, Position = position };
        string text = _tokens.StringOf(name.Value);
        return new VectorSelector { Name = text, Matchers = [.. matchers, LabelMatcher.Equal(LabelNames.MetricName, text)], Position = position };
    }

    private Call ReadCall(Token name)
    {
        List<Expr> arguments = ReadArguments();
        string text = _tokens.StringOf(name);
        FunctionSignature? function = FunctionSignatures.Find(text);
        if (function is { Extended: true } && !_options.ExtendedFunctions) function = null;
        if (function is null) _tokens.Report(name.Position, $"unknown function with name {GoStrings.Quote(text)}");
        else if (function.Experimental && !_options.ExperimentalFunctions) _tokens.Report(name.Position, $"function {GoStrings.Quote(text)} is not enabled");
        return new Call(function ?? new FunctionSignature(text, [], ValueType.None), arguments)
        {
            Position = new PositionRange(name.Start, _tokens.LastClosing),
        };
    }

    private List<Expr> ReadArguments()
    {
        _tokens.Take(TokenKind.LeftParen);
        var arguments = new List<Expr>();
        var height = 0;
        while (_tokens.Next != TokenKind.RightParen && !_tokens.Next.StartsExpression()) _tokens.Reject();
        while (_tokens.Next != TokenKind.RightParen)
        {
            if (_tokens.Next.StartsExpression() && arguments.Count == 0) arguments.Add(ReadArgument(ref height));
            else if (_tokens.Next == TokenKind.Comma)
            {
                Token comma = _tokens.Take();
                if (_tokens.Next.StartsExpression()) arguments.Add(ReadArgument(ref height));
                else _tokens.Report(comma.Position, "trailing commas not allowed in function call args");
            }
            else _tokens.Reject();
        }

        _tokens.Take();
        _height = height;
        Grow(0);
        return arguments;
    }

    private Expr ReadArgument(ref int height)
    {
        Expr argument = ReadExpression(0);
        height = Math.Max(height, _height);
        return argument;
    }

    private AggregateExpr ReadAggregation(Token name)
    {
        int depth = _tokens.Depth;
        try
        {
            if (_tokens.Next != TokenKind.LeftParen)
            {
                bool without = _tokens.Take().Kind == TokenKind.Without;
                IReadOnlyList<string> labels = _labels.ReadLabels();
                while (_tokens.Next != TokenKind.LeftParen) _tokens.Reject();
                List<Expr> arguments = ReadArguments();
                return Aggregation(name, labels, without, arguments, _tokens.LastClosing);
            }

            List<Expr> body = ReadArguments();
            int end = _tokens.LastClosing;
            if (_tokens.Next is not (TokenKind.By or TokenKind.Without)) return Aggregation(name, [], false, body, end);
            bool withoutAfter = _tokens.Take().Kind == TokenKind.Without;
            IReadOnlyList<string> labelsAfter = _labels.ReadLabels();
            return Aggregation(name, labelsAfter, withoutAfter, body, _tokens.LastClosing);
        }
        catch (SyntaxErrorSignal)
        {
            _tokens.Depth = depth;
            _tokens.ReportUnexpected("aggregation");
            return Aggregation(name, [], false, [], _tokens.LastClosing);
        }
    }

    private AggregateExpr Aggregation(Token name, IReadOnlyList<string> labels, bool without, List<Expr> arguments, int end)
    {
        var op = (AggregateOperator)(name.Kind - TokenKind.Sum);
        int expected = op.TakesParameter() ? 2 : 1;
        var result = new AggregateExpr(op, new PlaceholderExpr())
        {
            Grouping = labels,
            Without = without,
            Position = new PositionRange(name.Start, end),
        };
        if (arguments.Count == 0) _tokens.Report(result.Position, "no arguments for aggregate expression provided");
        else if (op.IsExperimental() && !_options.ExperimentalFunctions)
            _tokens.Report(result.Position, $"{op.Text()}() is experimental and must be enabled with --enable-feature=promql-experimental-functions");
        else if (arguments.Count != expected)
        {
            _tokens.Report(
                result.Position, $"wrong number of arguments for aggregate expression provided, expected {expected}, got {arguments.Count}");
        }
        else return result with { Expression = arguments[^1], Parameter = expected == 2 ? arguments[0] : null };
        return result;
    }
}
