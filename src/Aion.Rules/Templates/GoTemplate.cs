namespace Aion.Rules;

/// <summary>A parsed template in the language of Go's text/template. Immutable; thread-safe.</summary>
public sealed class GoTemplate
{
    private readonly Dictionary<string, ListNode> _definitions = [];
    private readonly IReadOnlyDictionary<string, TemplateFunction> _functions;
    private readonly string _text;

    private GoTemplate(string name, string text, IReadOnlyDictionary<string, TemplateFunction> functions)
    {
        Name = name;
        _text = text;
        _functions = functions;
        HashSet<string> known = [.. TemplateBuiltins.Names, .. functions.Keys];
        TemplateParser.Parse(name, text, known, _definitions);
    }

    public string Name { get; }

    /// <param name="name">For messages.</param>
    /// <param name="functions">Beside the language's own.</param>
    /// <exception cref="TemplateException">The text is no template, or calls a function that there is not.</exception>
    public static GoTemplate Parse(string name, string text, IReadOnlyDictionary<string, TemplateFunction>? functions = null) =>
        new(name, text, functions ?? new Dictionary<string, TemplateFunction>());

    /// <param name="dot">What <c>.</c> and <c>$</c> stand for.</param>
    /// <param name="dotType">Its type in messages, where that is not the struct's own name.</param>
    /// <exception cref="TemplateException">A step can't be carried out; what came before is written.</exception>
    public void Run(object? dot, TextWriter output, string? dotType = null)
    {
        TemplateRun run = new(Name, _text, _definitions, _functions, dot, dotType);
        run.Execute(Name, output);
    }
}
