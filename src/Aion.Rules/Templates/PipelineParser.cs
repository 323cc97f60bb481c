using Aion.Model;

namespace Aion.Rules;

/// <summary>Parses what stands in an action: declarations, commands, operands.</summary>
internal sealed class PipelineParser(TemplateTokens tokens, IReadOnlySet<string> functions)
{
    private const int MaxDepth = 500;

    private List<string> _variables = ["$"];
    private int _depth;

    public int VariableCount => _variables.Count;

    public void ForgetFrom(int count) => _variables.RemoveRange(count, _variables.Count - count);

    /// <summary>Forgets all variables for a while; hand the result to <see cref="Restore"/>.</summary>
    public IReadOnlyList<string> Isolate()
    {
        List<string> outer = _variables;
        _variables = ["$"];
        return outer;
    }

    public void Restore(IReadOnlyList<string> variables) => _variables = [.. variables];

    /// <summary>A pipeline with the token that ends it.</summary>
    public PipeNode Pipeline(string context, TokenKind end)
    {
        if (++_depth > MaxDepth) throw tokens.Fail("max expression depth exceeded");
        int position = tokens.PeekNonSpace().Position;
        List<string> variables = Declarations(context, out bool assigns);
        List<CommandNode> commands = [];
        while (true)
        {
            TemplateToken token = tokens.NextNonSpace();
            if (token.Kind == end) break;
            if (!StartsOperand(token.Kind)) throw tokens.Unexpected(token, context);
            tokens.Back();
            commands.Add(Command());
        }

        if (commands.Count == 0) throw tokens.Fail($"missing value for {context}");
        for (int i = 1; i < commands.Count; i++)
            if (commands[i].Arguments[0] is ConstantNode or DotNode or NilNode) throw tokens.Fail($"non executable command in pipeline stage {i + 1}");
        _depth--;
        return new PipeNode(position, variables, assigns, commands);
    }

    private static bool StartsOperand(TokenKind kind) => kind is TokenKind.Bool or TokenKind.CharacterConstant or TokenKind.Dot or TokenKind.Field
        or TokenKind.Identifier or TokenKind.Number or TokenKind.Nil or TokenKind.RawString or TokenKind.String or TokenKind.Variable
        or TokenKind.LeftParenthesis;

    /// <summary><c>$a, $b :=</c> before the commands, where there is that.</summary>
    private List<string> Declarations(string context, out bool assigns)
    {
        assigns = false;
        List<string> declared = [];
        while (tokens.PeekNonSpace() is { Kind: TokenKind.Variable } variable)
        {
            tokens.NextNonSpace();
            bool spaced = tokens.Peek().Kind == TokenKind.Space;
            TemplateToken next = tokens.PeekNonSpace();
            if (next.Kind is TokenKind.Assign or TokenKind.Declare)
            {
                tokens.NextNonSpace();
                assigns = next.Kind == TokenKind.Assign;
                declared.Add(variable.Text);
                if (!assigns) _variables.Add(variable.Text);
                break;
            }

            if (next is not { Kind: TokenKind.Character, Text: "," })
            {
                tokens.Back(spaced ? 2 : 1);
                break;
            }

            tokens.NextNonSpace();
            declared.Add(variable.Text);
            _variables.Add(variable.Text);
            if (context != "range" || declared.Count >= 2) throw tokens.Fail($"too many declarations in {context}");
            if (tokens.PeekNonSpace().Kind is not (TokenKind.Variable or TokenKind.RightDelimiter or TokenKind.RightParenthesis))
                throw tokens.Fail("range can only initialize variables");
        }

        return declared;
    }

    private CommandNode Command()
    {
        int position = tokens.PeekNonSpace().Position;
        List<TemplateNode> arguments = [];
        while (true)
        {
            tokens.PeekNonSpace();
            if (Operand() is { } operand) arguments.Add(operand);
            TemplateToken token = tokens.Next();
            if (token.Kind == TokenKind.Space) continue;
            if (token.Kind is TokenKind.RightDelimiter or TokenKind.RightParenthesis) tokens.Back();
            else if (token.Kind != TokenKind.Pipe) throw tokens.Unexpected(token, "operand");
            break;
        }

        if (arguments.Count == 0) throw tokens.Fail("empty command");
        return new CommandNode(position, arguments);
    }

    /// <summary>A term and the fields asked of it; null where none begins.</summary>
    private TemplateNode? Operand()
    {
        if (Term() is not { } node) return null;
        if (tokens.Peek().Kind != TokenKind.Field) return node;
        int position = tokens.Peek().Position;
        List<string> fields = [];
        while (tokens.Peek().Kind == TokenKind.Field) fields.Add(tokens.Next().Text[1..]);
        return node switch
        {
            FieldNode field => field with { Names = [.. field.Names, .. fields] },
            VariableNode variable => variable with { Fields = [.. variable.Fields, .. fields] },
            ConstantNode or NilNode or DotNode => throw tokens.Fail($"unexpected . after term {TemplateException.Quote(node.ToString()!)}"),
            _ => new ChainNode(position, node, fields),
        };
    }

    private TemplateNode? Term()
    {
        TemplateToken token = tokens.NextNonSpace();
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                if (!functions.Contains(token.Text)) throw tokens.Fail($"function {TemplateException.Quote(token.Text)} not defined");
                return new FunctionNode(token.Position, token.Text);
            case TokenKind.Dot:
                return new DotNode(token.Position);
            case TokenKind.Nil:
                return new NilNode(token.Position);
            case TokenKind.Variable:
                if (!_variables.Contains(token.Text)) throw tokens.Fail($"undefined variable {TemplateException.Quote(token.Text)}");
                return new VariableNode(token.Position, token.Text, []);
            case TokenKind.Field:
                return new FieldNode(token.Position, [token.Text[1..]]);
            case TokenKind.Bool:
                return new ConstantNode(token.Position, token.Text == "true", token.Text);
            case TokenKind.Number:
                if (!TemplateNumber.TryParse(token.Text, out object number)) throw tokens.Fail($"illegal number syntax: {TemplateException.Quote(token.Text)}");
                return new ConstantNode(token.Position, number, token.Text);
            case TokenKind.CharacterConstant:
                if (!GoLiteral.TryUnquote(token.Text, out string character)) throw tokens.Fail($"malformed character constant: {token.Text}");
                return new ConstantNode(token.Position, (long)character.EnumerateRunes().First().Value, token.Text);
            case TokenKind.String or TokenKind.RawString:
                if (!GoLiteral.TryUnquote(token.Text, out string value)) throw tokens.Fail("invalid syntax");
                return new ConstantNode(token.Position, value, token.Text);
            case TokenKind.LeftParenthesis:
                return Pipeline("parenthesized pipeline", TokenKind.RightParenthesis);
        }

        tokens.Back();
        return null;
    }
}
