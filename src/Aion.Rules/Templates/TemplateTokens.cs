namespace Aion.Rules;

/// <summary>The tokens of a template with a place in them.</summary>
internal sealed class TemplateTokens(string name, string text)
{
    private readonly List<TemplateToken> _tokens = TemplateLexer.Tokenize(text);
    private int _next;

    /// <summary>Line on which the action under way began; 0 outside of actions.</summary>
    public int ActionLine { get; set; }

    /// <summary>The next token; at the end the last one, again and again.</summary>
    public TemplateToken Next() => _tokens[Math.Min(_next++, _tokens.Count - 1)];

    public TemplateToken Peek() => _tokens[Math.Min(_next, _tokens.Count - 1)];

    public void Back(int tokens = 1) => _next -= tokens;

    public TemplateToken NextNonSpace()
    {
        TemplateToken token;
        do
        {
            token = Next();
        }
        while (token.Kind == TokenKind.Space);
        return token;
    }

    public TemplateToken PeekNonSpace()
    {
        TemplateToken token = NextNonSpace();
        Back();
        return token;
    }

    public TemplateToken Expect(TokenKind kind, string context)
    {
        TemplateToken token = NextNonSpace();
        return token.Kind == kind ? token : throw Unexpected(token, context);
    }

    public TemplateException Unexpected(TemplateToken token, string context)
    {
        if (token.Kind != TokenKind.Error) return Fail($"unexpected {token} in {context}");
        string extra = "";
        if (ActionLine != 0 && ActionLine != token.Line)
        {
            extra = $" in action started at {name}:{ActionLine}";
            if (token.Text.EndsWith(" action", StringComparison.Ordinal)) extra = extra[" in action".Length..];
        }

        return Fail(token + extra, token.Line);
    }

    /// <summary>An error at the last token read.</summary>
    public TemplateException Fail(string message, int? line = null) =>
        new(TemplateException.At(name, line ?? _tokens[Math.Clamp(_next - 1, 0, _tokens.Count - 1)].Line, message));
}
