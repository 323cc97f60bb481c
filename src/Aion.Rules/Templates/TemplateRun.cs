using System.Globalization;

namespace Aion.Rules;

/// <summary>One run of a template.</summary>
internal sealed class TemplateRun
{
    private const int MaxDepth = 1000;
    private const int MaxShown = 20;

    private readonly string _name;
    private readonly string _text;
    private readonly IReadOnlyDictionary<string, ListNode> _definitions;
    private readonly IReadOnlyDictionary<string, TemplateFunction> _functions;
    private readonly object? _root;
    private readonly string? _rootType;
    private List<(string Name, object? Value)> _variables = [];
    private string _current = "";
    private int _depth;

    public TemplateRun(string name, string text, IReadOnlyDictionary<string, ListNode> definitions,
        IReadOnlyDictionary<string, TemplateFunction> functions, object? root, string? rootType)
    {
        (_name, _text, _definitions, _functions, _root, _rootType) = (name, text, definitions, functions, root, rootType);
    }

    private enum Flow
    {
        On,
        Break,
        Continue,
    }

    public void Execute(string template, TextWriter output)
    {
        _current = template;
        _variables = [("$", _root)];
        Walk(_definitions[template], _root, output);
    }

    private Flow Walk(ListNode list, object? dot, TextWriter output)
    {
        foreach (TemplateNode node in list.Nodes)
            if (Walk(node, dot, output) is var flow and not Flow.On) return flow;
        return Flow.On;
    }

    private Flow Walk(TemplateNode node, object? dot, TextWriter output)
    {
        switch (node)
        {
            case TextNode text:
                output.Write(text.Text);
                break;
            case ActionNode action:
                object? value = Evaluate(action.Pipe, dot);
                if (action.Pipe.Variables.Count == 0) output.Write(TemplateText.Of(value));
                break;
            case BreakNode:
                return Flow.Break;
            case ContinueNode:
                return Flow.Continue;
            case TemplateCallNode call:
                Call(call, dot, output);
                break;
            case BranchNode { Kind: BranchKind.Range } range:
                Range(range, dot, output);
                break;
            case BranchNode branch:
                return Branch(branch, dot, output);
        }

        return Flow.On;
    }

    private Flow Branch(BranchNode branch, object? dot, TextWriter output)
    {
        int mark = _variables.Count;
        object? value = Evaluate(branch.Pipe, dot);
        Flow flow = Flow.On;
        if (TemplateText.IsTrue(value)) flow = Walk(branch.Then, branch.Kind == BranchKind.With ? value : dot, output);
        else if (branch.Else is not null) flow = Walk(branch.Else, dot, output);
        Forget(mark);
        return flow;
    }

    private void Range(BranchNode range, object? dot, TextWriter output)
    {
        int mark = _variables.Count;
        object? over = Evaluate(range.Pipe with { Variables = [] }, dot);
        bool any = false;
        foreach (var (key, item) in Items(range, over))
        {
            any = true;
            Forget(mark);
            IReadOnlyList<string> names = range.Pipe.Variables;
            if (names.Count > 1)
            {
                Declare(names[0], key, range.Pipe.Assigns);
                Declare(names[1], item, range.Pipe.Assigns);
            }
            else if (names.Count == 1) Declare(names[0], item, range.Pipe.Assigns);

            if (Walk(range.Then, item, output) == Flow.Break) break;
        }

        Forget(mark);
        if (!any && range.Else is not null) Walk(range.Else, dot, output);
    }

    private IEnumerable<(object? Key, object? Item)> Items(BranchNode range, object? over) => over switch
    {
        null => [],
        IReadOnlyList<object?> list => list.Select((item, i) => ((object?)(long)i, item)),
        IReadOnlyDictionary<string, object?> map => map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => ((object?)p.Key, p.Value)),
        long count => Enumerable.Range(0, (int)Math.Clamp(count, 0, int.MaxValue)).Select(i => ((object?)(long)i, (object?)(long)i)),
        _ => throw Fail(range.Pipe, $"range can't iterate over {TemplateText.Of(over)}"),
    };

    private void Call(TemplateCallNode call, object? dot, TextWriter output)
    {
        if (!_definitions.TryGetValue(call.Name, out ListNode? body)) throw Fail(call, $"template {TemplateException.Quote(call.Name)} not defined");
        if (++_depth > MaxDepth) throw Fail(call, $"exceeded maximum template depth ({MaxDepth})");
        object? inner = call.Pipe is null ? null : Evaluate(call.Pipe, dot);
        (List<(string, object?)> outer, string current) = (_variables, _current);
        _variables = [("$", inner)];
        _current = call.Name;
        Walk(body, inner, output);
        (_variables, _current) = (outer, current);
        _depth--;
    }

    private object? Evaluate(PipeNode pipe, object? dot)
    {
        object? value = null;
        for (int i = 0; i < pipe.Commands.Count; i++) value = Evaluate(pipe.Commands[i], dot, i > 0, value);
        foreach (string name in pipe.Variables) Declare(name, value, pipe.Assigns);
        return value;
    }

    private object? Evaluate(CommandNode command, object? dot, bool isPiped, object? piped)
    {
        TemplateNode first = command.Arguments[0];
        if (first is FunctionNode function)
        {
            List<object?> arguments = [.. command.Arguments.Skip(1).Select(a => Value(a, dot))];
            if (isPiped) arguments.Add(piped);
            return Invoke(function, arguments);
        }

        if (command.Arguments.Count > 1 || isPiped) throw Fail(first, $"can't give argument to non-function {first}");
        return first is NilNode ? throw Fail(first, "nil is not a command") : Value(first, dot);
    }

    private object? Invoke(FunctionNode function, List<object?> arguments)
    {
        try
        {
            return _functions.TryGetValue(function.Name, out TemplateFunction? own) ? own(arguments) : TemplateBuiltins.Call(function.Name, arguments);
        }
        catch (TemplateException e)
        {
            throw Fail(function, $"error calling {function.Name}: {e.Message}");
        }
    }

    private object? Value(TemplateNode node, object? dot) => node switch
    {
        DotNode => dot,
        NilNode => null,
        ConstantNode constant => constant.Value,
        FieldNode field => Fields(node, dot, field.Names),
        VariableNode variable => Fields(node, Variable(variable.Name), variable.Fields),
        ChainNode chain => Fields(node, Value(chain.Of, dot), chain.Fields),
        PipeNode pipe => Evaluate(pipe, dot),
        FunctionNode function => Invoke(function, []),
        _ => throw Fail(node, $"can't evaluate {node}"),
    };

    private object? Fields(TemplateNode node, object? value, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            switch (value)
            {
                case TemplateStruct record when record.TryField(name, out object? field):
                    value = field;
                    break;
                case IReadOnlyDictionary<string, object?> map:
                    value = map.GetValueOrDefault(name, TemplateText.NoValue);
                    break;
                case null:
                    throw Fail(node, $"nil data; no entry for key {TemplateException.Quote(name)}");
                default:
                    string type = ReferenceEquals(value, _root) && _rootType is not null ? _rootType : TemplateText.TypeOf(value);
                    throw Fail(node, $"can't evaluate field {name} in type {type}");
            }
        }

        return value;
    }

    private object? Variable(string name)
    {
        for (int i = _variables.Count - 1; i >= 0; i--)
            if (_variables[i].Name == name) return _variables[i].Value;
        throw new InvalidOperationException($"the parser let an undeclared variable {name} pass");
    }

    private void Declare(string name, object? value, bool assigns)
    {
        if (!assigns)
        {
            _variables.Add((name, value));
            return;
        }

        int at = _variables.FindLastIndex(v => v.Name == name);
        _variables[at] = (name, value);
    }

    private void Forget(int mark) => _variables.RemoveRange(mark, _variables.Count - mark);

    private TemplateException Fail(TemplateNode node, string message)
    {
        int lineStart = node.Position == 0 ? 0 : _text.LastIndexOf('\n', node.Position - 1) + 1;
        int line = _text.AsSpan(0, node.Position).Count('\n') + 1;
        int column = System.Text.Encoding.UTF8.GetByteCount(_text.AsSpan(lineStart, node.Position - lineStart));
        string shown = node.ToString() ?? "";
        if (shown.Length > MaxShown) shown = shown[..MaxShown] + "...";
        return new TemplateException(string.Create(
            CultureInfo.InvariantCulture,
            $"template: {_name}:{line}:{column}: executing {TemplateException.Quote(_current)} at <{shown}>: {message}"));
    }
}
