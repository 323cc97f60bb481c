using System.Text;
using Aion.Model;

namespace Aion.Rules;

/// <summary>A piece of a parsed template. Its text is what messages show of it.</summary>
/// <param name="Position">In the template's text.</param>
internal abstract record TemplateNode(int Position);

internal sealed record TextNode(int Position, string Text) : TemplateNode(Position);

internal sealed record ListNode(int Position, IReadOnlyList<TemplateNode> Nodes) : TemplateNode(Position);

internal sealed record ActionNode(int Position, PipeNode Pipe) : TemplateNode(Position);

internal enum BranchKind
{
    If,
    With,
    Range,
}

/// <summary><c>if</c>, <c>with</c> or <c>range</c>.</summary>
internal sealed record BranchNode(int Position, BranchKind Kind, PipeNode Pipe, ListNode Then, ListNode? Else) : TemplateNode(Position);

internal sealed record TemplateCallNode(int Position, string Name, PipeNode? Pipe) : TemplateNode(Position);

internal sealed record BreakNode(int Position) : TemplateNode(Position);

internal sealed record ContinueNode(int Position) : TemplateNode(Position);

/// <summary>End of a block; not part of a finished tree.</summary>
internal sealed record EndNode(int Position) : TemplateNode(Position)
{
    public override string ToString() => "{{end}}";
}

/// <summary>Else of a block; not part of a finished tree.</summary>
internal sealed record ElseNode(int Position) : TemplateNode(Position)
{
    public override string ToString() => "{{else}}";
}

/// <summary>Commands whose result is handed on to the next; the last one's may be kept in variables.</summary>
internal sealed record PipeNode(int Position, IReadOnlyList<string> Variables, bool Assigns, IReadOnlyList<CommandNode> Commands) : TemplateNode(Position)
{
    public override string ToString()
    {
        StringBuilder text = new();
        if (Variables.Count > 0) text.AppendJoin(", ", Variables).Append(Assigns ? " = " : " := ");
        return text.AppendJoin(" | ", Commands).ToString();
    }
}

internal sealed record CommandNode(int Position, IReadOnlyList<TemplateNode> Arguments) : TemplateNode(Position)
{
    public override string ToString() => string.Join(' ', Arguments.Select(a => a is PipeNode ? $"({a})" : a.ToString()));
}

internal sealed record DotNode(int Position) : TemplateNode(Position)
{
    public override string ToString() => ".";
}

internal sealed record NilNode(int Position) : TemplateNode(Position)
{
    public override string ToString() => "nil";
}

/// <param name="Value">bool, long, double or string.</param>
/// <param name="Source">As written.</param>
internal sealed record ConstantNode(int Position, object Value, string Source) : TemplateNode(Position)
{
    public override string ToString() => Source;
}

/// <summary><c>.A.B</c></summary>
internal sealed record FieldNode(int Position, IReadOnlyList<string> Names) : TemplateNode(Position)
{
    public override string ToString() => string.Concat(Names.Select(n => "." + n));
}

/// <summary><c>$x.A.B</c></summary>
internal sealed record VariableNode(int Position, string Name, IReadOnlyList<string> Fields) : TemplateNode(Position)
{
    public override string ToString() => Name + string.Concat(Fields.Select(n => "." + n));
}

/// <summary>Fields of what stands before: <c>(f x).A.B</c></summary>
internal sealed record ChainNode(int Position, TemplateNode Of, IReadOnlyList<string> Fields) : TemplateNode(Position)
{
    public override string ToString() => (Of is PipeNode ? $"({Of})" : Of.ToString()) + string.Concat(Fields.Select(n => "." + n));
}

/// <summary>A function by its name.</summary>
internal sealed record FunctionNode(int Position, string Name) : TemplateNode(Position)
{
    public override string ToString() => Name;
}

/// <summary>A template can't be parsed or run; in Go's words, so that people find them.</summary>
public sealed class TemplateException(string message) : Exception(message)
{
    internal static string At(string name, int line, string message) => $"template: {name}:{line}: {message}";

    internal static string Quote(string text) => GoText.Quote(text);
}
