using System.Runtime.CompilerServices;
using System.Text;

namespace Aion.PromQL;

/// <summary>Unwinds to the nearest construct that can go on after a syntax error.</summary>
internal sealed class SyntaxErrorSignal : Exception;

/// <summary>Unwinds to the top: no text is left to go on with.</summary>
internal sealed class EndOfParseSignal : Exception;

/// <summary>
/// The tokens with one token of lookahead, the errors found, and the rules of recovery. Only the first error is shown, but all are listed, so
/// the parser goes on after one as a table-driven parser would: the construct that noticed or contains the error reports it; from
/// then on tokens that do not fit are dropped silently until three in a row were taken.
/// </summary>
/// <remarks>The lookahead is read as late as possible: an error of the lexer is listed when its token is read, and positions depend on it.</remarks>
internal sealed class TokenStream
{
    private const int TokensUntilRecovered = 3;

    private readonly Lexer _lexer;
    private readonly List<ParseError> _errors = [];
    private readonly int _maxDepth;
    private Token _last;
    private bool _hasLookahead;
    private bool _ended;
    private int _recovering;

    public TokenStream(string text, int maxDepth)
    {
        Text = Encoding.UTF8.GetBytes(text);
        _lexer = new Lexer(Text);
        _maxDepth = maxDepth;
    }

    public byte[] Text { get; }

    /// <summary>Levels of nesting at this place. Who catches a <see cref="SyntaxErrorSignal"/> sets it back to what it was.</summary>
    public int Depth { get; set; }

    public IReadOnlyList<ParseError> Errors => _errors;

    /// <summary>End of the last closing token (parenthesis, brace, bracket, number) read so far, the lookahead included.</summary>
    public int LastClosing { get; private set; }

    /// <summary>Kind of the next token, which is read if it was not.</summary>
    public TokenKind Next
    {
        get
        {
            if (!_hasLookahead) Read();
            return _ended ? TokenKind.None : _last.Kind;
        }
    }

    public Token Take()
    {
        if (!_hasLookahead) Read();
        _hasLookahead = false;
        if (_recovering > 0) _recovering--;
        return _last;
    }

    public Token Take(TokenKind kind)
    {
        while (Next != kind) Reject();
        return Take();
    }

    /// <summary>The next token does not fit. Returns once it was dropped, or throws.</summary>
    public void Reject()
    {
        if (!TryRecoverHere()) return;
        throw new SyntaxErrorSignal();
    }

    /// <summary>
    /// The next token does not fit, at a place that can go on by itself. True: this is a new error and the caller reports it; false: the token
    /// was dropped and the caller looks at the next one.
    /// </summary>
    public bool TryRecoverHere()
    {
        if (_recovering < TokensUntilRecovered)
        {
            _recovering = TokensUntilRecovered;
            return true;
        }

        if (Next == TokenKind.None) throw new EndOfParseSignal();
        _hasLookahead = false;
        return false;
    }

    public void Report(PositionRange position, string message) => _errors.Add(new ParseError(message, position));

    /// <summary>Complains of the token read last.</summary>
    public void ReportUnexpected(string context = "", string expected = "")
    {
        // The lexer's own complaint is in the list already.
        if (_last.Kind == TokenKind.Error) return;
        var message = new StringBuilder("unexpected ").Append(TokenNames.Describe(_last, Text));
        if (context.Length > 0) message.Append(" in ").Append(context);
        if (expected.Length > 0) message.Append(", expected ").Append(expected);
        Report(_last.Position, message.ToString());
    }

    public ReadOnlySpan<byte> TextOf(Token token) => Text.AsSpan(token.Start, token.End - token.Start);

    public string StringOf(Token token) => Encoding.UTF8.GetString(TextOf(token));

    /// <summary>Enters one level of nesting; the caller leaves it again by lowering <see cref="Depth"/>.</summary>
    /// <exception cref="PromQLParseException">Too deep.</exception>
    public void Enter()
    {
        if (++Depth > _maxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) ThrowTooDeep();
    }

    /// <summary>Checks the height of a subtree, which a chain of operators builds without nesting in the text.</summary>
    public void CheckHeight(int height)
    {
        if (height > _maxDepth) ThrowTooDeep();
    }

    public PromQLParseException ToException()
    {
        ParseError first = _errors[0];
        return new PromQLParseException($"{TextPosition.Of(Text, first.Position.Start)}: parse error: {first.Message}", [.. _errors]);
    }

    private void ThrowTooDeep()
    {
        _errors.Clear();
        Report(_last.Position, $"expression is nested deeper than {_maxDepth} levels");
        throw ToException();
    }

    private void Read()
    {
        _hasLookahead = true;
        if (_ended || _last.Kind == TokenKind.EndOfInput)
        {
            _ended = true;
            return;
        }

        _last = _lexer.Next();
        switch (_last.Kind)
        {
            case TokenKind.Error:
                Report(new PositionRange(_lexer.TokenStart, Text.Length), _lexer.ErrorMessage);
                _ended = true;
                break;
            case TokenKind.RightBrace or TokenKind.RightParen or TokenKind.RightBracket or TokenKind.Duration or TokenKind.Number:
                LastClosing = _last.End;
                break;
        }
    }
}
