using Aion.Model;

namespace Aion.Rules;

/// <summary>Parses the blocks of a template: text, actions, control structures, definitions. Pipelines are <see cref="PipelineParser"/>'s.</summary>
internal sealed class TemplateParser
{
    private const int MaxDepth = 1000;

    private readonly TemplateTokens _tokens;
    private readonly PipelineParser _pipelines;
    private readonly Dictionary<string, ListNode> _definitions;
    private int _ranges;
    private int _depth;

    private TemplateParser(TemplateTokens tokens, IReadOnlySet<string> functions, Dictionary<string, ListNode> definitions)
    {
        _tokens = tokens;
        _pipelines = new PipelineParser(tokens, functions);
        _definitions = definitions;
    }

    /// <param name="definitions">Gets the templates that the text defines, and the text itself under its name.</param>
    /// <exception cref="TemplateException">The text is no template.</exception>
    public static void Parse(string name, string text, IReadOnlySet<string> functions, Dictionary<string, ListNode> definitions)
    {
        TemplateTokens tokens = new(name, text);
        TemplateParser parser = new(tokens, functions, definitions);
        List<TemplateNode> nodes = [];
        while (tokens.Peek().Kind != TokenKind.End)
        {
            if (parser.Next() is not { } node) continue;
            if (node is EndNode or ElseNode) throw tokens.Fail($"unexpected {node}");
            nodes.Add(node);
        }

        definitions[name] = new ListNode(0, nodes);
    }

    /// <summary>The next node; null for a comment or a definition.</summary>
    private TemplateNode? Next()
    {
        TemplateToken token = _tokens.NextNonSpace();
        switch (token.Kind)
        {
            case TokenKind.Text:
                return new TextNode(token.Position, token.Text);
            case TokenKind.LeftDelimiter:
                _tokens.ActionLine = token.Line;
                TemplateNode? node = Action();
                _tokens.ActionLine = 0;
                return node;
            default:
                throw _tokens.Unexpected(token, "input");
        }
    }

    private TemplateNode? Action()
    {
        TemplateToken token = _tokens.NextNonSpace();
        switch (token.Kind)
        {
            case TokenKind.If:
                return Branch(token, BranchKind.If, "if");
            case TokenKind.With:
                return Branch(token, BranchKind.With, "with");
            case TokenKind.Range:
                return Branch(token, BranchKind.Range, "range");
            case TokenKind.EndBlock:
                return new EndNode(_tokens.Expect(TokenKind.RightDelimiter, "end").Position);
            case TokenKind.Else:
                // "else if" and "else with": the caller reads on from there.
                if (_tokens.PeekNonSpace().Kind is TokenKind.If or TokenKind.With) return new ElseNode(token.Position);
                return new ElseNode(_tokens.Expect(TokenKind.RightDelimiter, "else").Position);
            case TokenKind.Break or TokenKind.Continue:
                return Leave(token);
            case TokenKind.Define:
                Define();
                return null;
            case TokenKind.Block:
                return Block(token);
            case TokenKind.Template:
                return Call(token);
        }

        _tokens.Back();
        return new ActionNode(token.Position, _pipelines.Pipeline("command", TokenKind.RightDelimiter));
    }

    private TemplateNode Leave(TemplateToken token)
    {
        string word = $"{{{{{token.Text}}}}}";
        TemplateToken end = _tokens.NextNonSpace();
        if (end.Kind != TokenKind.RightDelimiter) throw _tokens.Unexpected(end, word);
        if (_ranges == 0) throw _tokens.Fail($"{word} outside {{{{range}}}}");
        return token.Kind == TokenKind.Break ? new BreakNode(token.Position) : new ContinueNode(token.Position);
    }

    private BranchNode Branch(TemplateToken token, BranchKind kind, string context)
    {
        int variables = _pipelines.VariableCount;
        PipeNode pipe = _pipelines.Pipeline(context, TokenKind.RightDelimiter);
        if (kind == BranchKind.Range) _ranges++;
        ListNode then = List(out TemplateNode next);
        ListNode? otherwise = null;
        if (next is ElseNode)
        {
            TokenKind chained = _tokens.Peek().Kind == TokenKind.Space ? _tokens.PeekNonSpace().Kind : _tokens.Peek().Kind;
            if (chained is TokenKind.If or TokenKind.With && kind != BranchKind.Range)
            {
                TemplateToken inner = _tokens.NextNonSpace();
                otherwise = new ListNode(inner.Position, [Branch(inner, inner.Kind == TokenKind.If ? BranchKind.If : BranchKind.With, inner.Text)]);
            }
            else
            {
                otherwise = List(out next);
                if (next is not EndNode) throw _tokens.Fail($"expected end; found {next}");
            }
        }

        if (kind == BranchKind.Range) _ranges--;
        _pipelines.ForgetFrom(variables);
        return new BranchNode(token.Position, kind, pipe, then, otherwise);
    }

    /// <summary>Nodes up to an end or else, which comes back apart.</summary>
    private ListNode List(out TemplateNode next)
    {
        if (++_depth > MaxDepth) throw _tokens.Fail($"blocks are nested more than {MaxDepth} deep");
        int start = _tokens.PeekNonSpace().Position;
        List<TemplateNode> nodes = [];
        while (_tokens.PeekNonSpace().Kind != TokenKind.End)
        {
            TemplateNode? node = Next();
            if (node is EndNode or ElseNode)
            {
                _depth--;
                next = node;
                return new ListNode(start, nodes);
            }

            if (node is not null) nodes.Add(node);
        }

        throw _tokens.Fail("unexpected EOF");
    }

    private void Define()
    {
        const string Context = "define clause";
        string name = Name(Context);
        _tokens.Expect(TokenKind.RightDelimiter, Context);
        ListNode body = Inner(out TemplateNode end);
        if (end is not EndNode) throw _tokens.Fail($"unexpected {end} in {Context}");
        Add(name, body);
    }

    private TemplateCallNode Block(TemplateToken token)
    {
        const string Context = "block clause";
        string name = Name(Context);
        PipeNode pipe = _pipelines.Pipeline(Context, TokenKind.RightDelimiter);
        ListNode body = Inner(out TemplateNode end);
        if (end is not EndNode) throw _tokens.Fail($"unexpected {end} in {Context}");
        Add(name, body);
        return new TemplateCallNode(token.Position, name, pipe);
    }

    private TemplateCallNode Call(TemplateToken token)
    {
        const string Context = "template clause";
        string name = Name(Context);
        PipeNode? pipe = null;
        if (_tokens.NextNonSpace().Kind != TokenKind.RightDelimiter)
        {
            _tokens.Back();
            pipe = _pipelines.Pipeline(Context, TokenKind.RightDelimiter);
        }

        return new TemplateCallNode(token.Position, name, pipe);
    }

    /// <summary>The body of a definition: it sees no variables of the text around it, and no range of it.</summary>
    private ListNode Inner(out TemplateNode end)
    {
        int ranges = _ranges;
        _ranges = 0;
        IReadOnlyList<string> outer = _pipelines.Isolate();
        ListNode body = List(out end);
        _pipelines.Restore(outer);
        _ranges = ranges;
        return body;
    }

    private void Add(string name, ListNode body)
    {
        if (!_definitions.TryAdd(name, body)) throw new TemplateException($"template: multiple definition of template {TemplateException.Quote(name)}");
    }

    private string Name(string context)
    {
        TemplateToken token = _tokens.NextNonSpace();
        if (token.Kind is not (TokenKind.String or TokenKind.RawString)) throw _tokens.Unexpected(token, context);
        return GoLiteral.TryUnquote(token.Text, out string name) ? name : throw _tokens.Fail("invalid syntax");
    }
}
